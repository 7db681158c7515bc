// Fetches one camera's video piece by piece, never two at a time.

import { ask } from "../api.js";
import { hasSound } from "./mp4.js";

const TIMEOUT_MS = 60_000;
const EDGE_S = 0.02; // less than a picture: times are rounded on their way

/** Some seconds of video in memory, from `start` to `end`. */
export class Piece {
  constructor(start, end, video, hasSound) {
    this.start = start;
    this.end = end;
    this.hasSound = hasSound;
    this.address = URL.createObjectURL(video);
  }

  has(at) {
    return this.start - EDGE_S <= at && at < this.end;
  }

  release() {
    URL.revokeObjectURL(this.address);
  }
}

export class Loader {
  #camera;
  #fetching = null;

  constructor(camera) {
    this.#camera = camera;
  }

  get isBusy() {
    return this.#fetching !== null;
  }

  /** Whether that moment is on its way. */
  brings(at) {
    return this.#fetching !== null && this.#fetching.after <= at && at < this.#fetching.before;
  }

  /** Drops what it is at. Resolves to a Piece, or to null when this was dropped; rejects with an ApiError. */
  async fetch(after, before) {
    this.drop();
    const fetching = { after, before, abort: new AbortController() };
    this.#fetching = fetching;
    try {
      return await this.#piece(fetching);
    } catch (error) {
      if (fetching.abort.signal.aborted) {
        return null;
      }
      throw error;
    } finally {
      if (this.#fetching === fetching) {
        this.#fetching = null;
      }
    }
  }

  drop() {
    this.#fetching?.abort.abort();
    this.#fetching = null;
  }

  async #piece({ after, before, abort }) {
    const query = new URLSearchParams({ after, before });
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const request = { headers: { Accept: "video/mp4" }, signal };
    const response = await ask(`/api/v1/recordings/${encodeURIComponent(this.#camera)}/clip.mp4?${query}`, request);
    const video = await response.blob();
    const [start, end] = ["Starts", "Ends"].map((name) => Number(response.headers.get(`X-Framewatch-${name}-At`)));
    return new Piece(start, end, video, await hasSound(video));
  }
}
