// Plays the chosen cameras by one clock.

import { Clock } from "./clock.js";
import { Screens } from "./screens.js";

/** Fires `tick` whenever the browser draws, and `gap` while it plays where none of the cameras has video. */
export class Playback extends EventTarget {
  clock = new Clock();
  #screens = new Screens();
  #cameras = [];
  #day = null;
  #drawing = null;

  constructor() {
    super();
    document.addEventListener("visibilitychange", () => document.hidden && this.#wait());
  }

  /** How many cameras may play at once. */
  get most() {
    return this.#screens.most;
  }

  show(cameras, titleOf, day) {
    [this.#cameras, this.#day] = [cameras, day];
    this.#screens.show(cameras, titleOf, (name) => day.footage(name));
    this.#drawing ??= requestAnimationFrame(() => this.#tick());
  }

  /** Lets all video go. */
  stop() {
    this.clock.playing = false;
    cancelAnimationFrame(this.#drawing);
    this.#drawing = null;
    this.#screens.show([]);
  }

  #tick() {
    this.#drawing = requestAnimationFrame(() => this.#tick());
    this.clock.held = this.#screens.follow(this.clock);
    if (this.clock.playing && !this.#cameras.some((name) => this.#day.footage(name).at(this.clock.at))) {
      this.clock.held = true;
      this.dispatchEvent(new Event("gap"));
    }
    this.dispatchEvent(new Event("tick"));
  }

  /** Nobody sees it, and browsers do not draw then. */
  #wait() {
    this.clock.held = true;
    this.#screens.pause();
  }
}
