// The box of an event's object, over its recording.

import { ask, clipPath, eventPath, get } from "./api.js";
import { Overlay } from "./overlay.js";

const GAP_S = 0.5; // a clip that is shorter than its time by more than this leaves some out: nobody knows where

export class ClipBoxes {
  #video;
  #overlay;
  #event;

  constructor(video, canvas, event) {
    this.#video = video;
    this.#overlay = new Overlay(canvas);
    this.#event = event;
    if (event.label !== null && "requestVideoFrameCallback" in video) {
      video.addEventListener("loadedmetadata", () => this.#begin(), { once: true });
    }
  }

  /** Boxes are an addition: without them the recording plays all the same. */
  async #begin() {
    const found = await Promise.all([this.#times(), this.#object(), get(`${eventPath(this.#id)}/path`)]).catch(() => null);
    if (found === null) {
      return;
    }
    const [{ start, end }, { ended_at: until }, { points }] = found;
    const { duration } = this.#video;
    if (points.length > 0 && Math.abs(end - start - duration) < GAP_S) {
      const pace = (end - start) / duration; // the camera's clock was followed meanwhile
      this.#follow((mediaTime) => boxAt(points, start + pace * mediaTime, until ?? Infinity));
    }
  }

  get #id() {
    return this.#event.object_id ?? this.#event.id;
  }

  async #times() {
    const { headers } = await ask(clipPath(this.#event.id), { headers: { Range: "bytes=0-0" } });
    const time = (name) => Number.parseFloat(headers.get(`X-Framewatch-${name}-At`));
    return { start: time("Starts"), end: time("Ends") };
  }

  async #object() {
    return this.#id === this.#event.id ? this.#event : get(eventPath(this.#id));
  }

  #follow(boxOf) {
    const shown = (mediaTime) => {
      const { label, score, attributes } = this.#event;
      const box = boxOf(mediaTime);
      const objects = box ? [{ label, score, attributes, box, seen: true, measured: true }] : [];
      this.#overlay.draw(this.#video, { objects, marks: [] }, { exact: false, without: new Set() });
      this.#video.dataset.box = box ? box.map((edge) => edge.toFixed(3)).join(" ") : "";
    };
    const next = (_, frame) => {
      shown(frame.mediaTime);
      this.#video.requestVideoFrameCallback(next);
    };
    shown(this.#video.currentTime);
    this.#video.requestVideoFrameCallback(next);
  }
}

/** `points` are `[time, x1, y1, x2, y2]`, between which the box moves evenly; null where the object was not there. */
export function boxAt(points, at, until) {
  const behind = points.findIndex(([time]) => time > at);
  if (behind === 0 || at > until) {
    return null;
  }
  if (behind < 0) {
    return points.at(-1).slice(1);
  }
  const [[before, ...start], [after, ...end]] = [points[behind - 1], points[behind]];
  const share = (at - before) / (after - before);
  return start.map((edge, side) => edge + share * (end[side] - edge));
}
