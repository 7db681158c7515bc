// One video element that follows the clock of all.

const EXACT_S = 0.04;
const DRIFT_S = 0.075; // more is corrected, so that no two are 0.15 apart
const STEADY_S = 0.03;
const LOST_S = 1; // more is not caught up with, but leapt over
const SEEK_EVERY_MS = 700;
const MOST_CORRECTION = 0.3;

export class Player {
  video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto", disablePictureInPicture: true });
  #piece = null;
  #wish = null;
  #soughtAt = -Infinity;
  #hasPicture = false;

  constructor() {
    this.video.addEventListener("loadedmetadata", () => this.#seekOn());
    this.video.addEventListener("seeked", () => {
      this.#hasPicture = true;
      this.#seekOn();
    });
  }

  set muted(muted) {
    this.video.muted = muted;
  }

  get piece() {
    return this.#piece;
  }

  /** Whether it has a picture to show. */
  get isReady() {
    return this.#hasPicture;
  }

  get isSeeking() {
    return this.video.seeking || this.#wish !== null;
  }

  /** Why it cannot be played; null where it can. */
  get error() {
    return this.video.error;
  }

  /** Begins to load a piece, which will show the moment `at` first. */
  load(piece, at) {
    this.#piece = piece;
    this.#hasPicture = false;
    this.#wish = at;
    this.video.src = piece.address;
  }

  /** Shows what `at` looks like, and plays on from there where the clock `runs`. */
  follow(at, runs, speed) {
    const drift = this.video.currentTime - this.#timeOf(at);
    if (!runs) {
      this.video.pause();
      if (Math.abs(drift) > EXACT_S) {
        this.#seek(at);
      }
      return;
    }
    if (this.video.paused && !this.video.ended) {
      this.#play();
    }
    const isLost = Math.abs(drift) > LOST_S * Math.max(1, speed);
    if (isLost && performance.now() - this.#soughtAt > SEEK_EVERY_MS) {
      this.#seek(at);
    }
    this.#setRate(speed, drift);
  }

  pause() {
    this.video.pause();
  }

  /** Lets the piece go, and what the browser keeps of it. */
  clear() {
    this.#piece = this.#wish = null;
    this.#hasPicture = false;
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** A little faster or slower until it is in step again: that is not seen, a leap is. */
  #setRate(speed, drift) {
    const isCorrecting = this.video.playbackRate !== speed;
    const isOff = Math.abs(drift) > (isCorrecting ? STEADY_S : DRIFT_S) * Math.max(1, speed / 2);
    const correction = Math.max(-MOST_CORRECTION, Math.min(MOST_CORRECTION, drift / Math.max(1, speed)));
    const rate = isOff ? speed * (1 - correction) : speed;
    if (Math.abs(rate - this.video.playbackRate) > 0.01 || rate === speed) {
      this.video.playbackRate = rate;
    }
  }

  #play() {
    this.video.play().catch(() => {}); // it was paused again, or has another piece by now
  }

  #seek(at) {
    this.#wish = at;
    if (!this.video.seeking) {
      this.#seekOn();
    }
  }

  /** The newest wish alone, and one after the other. */
  #seekOn() {
    if (this.#wish === null || this.video.readyState < HTMLMediaElement.HAVE_METADATA) {
      return;
    }
    this.#soughtAt = performance.now();
    this.video.currentTime = this.#timeOf(this.#wish);
    this.#wish = null;
  }

  /** Where in the video that is; a piece in which some moments are missing is a little shorter than its time. */
  #timeOf(at) {
    return Math.max(0, Math.min(at - this.#piece.start, this.video.duration - EXACT_S));
  }
}
