// What was seen in the frame on the screen, and how it is drawn.

import { Overlay } from "./overlay.js";
import { Lateness, Timeline } from "./timeline.js";

/** One session's objects over its video; `forget` begins with the next one's. */
export class Scene {
  #video;
  #overlay;
  #timeline;
  #lateness;

  constructor(video, canvas) {
    this.#video = video;
    this.#overlay = new Overlay(canvas);
    this.forget();
  }

  forget() {
    this.#timeline = new Timeline();
    this.#lateness = new Lateness();
    this.#show(null, {});
    this.#overlay.clear();
  }

  /** How long frames would have to wait for nearly all of their results. */
  get delayMs() {
    return this.#lateness.delayMs(this.#timeline.interval);
  }

  /** What is on the screen: `boxes` in pixels of the video, as drawn on the frame with `displayedPts`. */
  get stats() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    return {
      width,
      height,
      displayedPts: this.drawn.pts,
      rtpTimestamp: this.drawn.rtp,
      mediaTime: this.drawn.mediaTime,
      aheadMs: this.drawn.ahead / 90,
      boxes: this.drawn.objects.map(({ id, label, measured, box: [x1, y1, x2, y2] }) => ({
        id,
        label,
        measured,
        x: x1 * width,
        y: y1 * height,
        w: (x2 - x1) * width,
        h: (y2 - y1) * height,
      })),
    };
  }

  resultArrived(message) {
    this.#timeline.add(message);
    this.#lateness.resultArrived(message.pts_90k, performance.now());
  }

  /** `pts` is null while it is not known. */
  frameShown(pts, frame, receivedAtMs) {
    this.#show(pts, frame);
    if (pts !== null) {
      this.#lateness.frameShown(pts, receivedAtMs);
    }
  }

  draw(how) {
    if (this.drawn.pts === null || !this.#video.videoWidth) {
      this.#overlay.clear();
      return;
    }
    const content = this.#timeline.at(this.drawn.pts);
    Object.assign(this.drawn, { objects: content.objects, ahead: content.ahead });
    this.#overlay.draw(this.#video, content, how);
  }

  clear() {
    this.#overlay.clear();
  }

  #show(pts, { rtpTimestamp: rtp = null, mediaTime = null }) {
    this.drawn = { pts, rtp, mediaTime, objects: [], ahead: 0 };
  }
}
