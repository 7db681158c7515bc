// Plays the chosen cameras by one clock.

import { Clock } from "./clock.js";
import { Screens } from "./screens.js";

/** Fires `tick` whenever the browser draws, and `gap` while it plays where none of the cameras has video. */
export class Playback extends EventTarget {
  clock = new Clock();
  /** Whether somebody has the playhead in the hand, so that it does not run away. */
  isGrabbed = false;
  #screens = new Screens();
  #cameras = [];
  #day = null;
  #drawing = null;

  constructor() {
    super();
    document.addEventListener("visibilitychange", () => document.hidden && this.#wait()); // browsers do not draw then
  }

  /** How many cameras may play at once. */
  get most() {
    return this.#screens.most;
  }

  toggleSound() {
    this.#screens.toggleSound();
  }

  show(cameras, titleOf, day) {
    [this.#cameras, this.#day] = [cameras, day];
    this.#screens.show(cameras, titleOf, (name) => day.footage(name));
    this.#drawing ??= requestAnimationFrame(() => this.#tick());
  }

  /** Lets all video go. */
  stop() {
    this.clock.playing = this.isGrabbed = false;
    cancelAnimationFrame(this.#drawing);
    this.#drawing = null;
    this.#screens.show([]);
  }

  #tick() {
    this.#drawing = requestAnimationFrame(() => this.#tick());
    if (this.#day.has(this.clock.at)) {
      this.#follow();
    } else {
      this.#wait(); // that day is on its way
    }
    this.dispatchEvent(new Event("tick"));
  }

  #follow() {
    const { at, playing } = this.clock;
    const isGap = !this.#cameras.some((name) => this.#day.footage(name).at(at));
    this.clock.held = this.#screens.follow(this.clock) || this.isGrabbed || isGap;
    if (isGap && playing && !this.isGrabbed) {
      this.dispatchEvent(new Event("gap"));
    }
  }

  #wait() {
    this.clock.held = true;
    this.#screens.pause();
  }
}
