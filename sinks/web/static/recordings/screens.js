// The pictures of the chosen cameras, side by side and in step.

import { fit } from "../grid.js";
import { Screen } from "./screen.js";

const PHONE = matchMedia("(max-width: 760px)");
const WALL = matchMedia("(min-width: 1800px)");
const GAP_PX = 8;
const ASPECT = 16 / 9;
const SHARE_OF_HEIGHT = 0.5;

export class Screens {
  #grid = document.getElementById("screens");
  #screens = new Map();
  #heard = null;

  constructor() {
    new ResizeObserver(() => this.#fit()).observe(this.#grid);
    document.addEventListener("fullscreenchange", () => this.#fit());
    this.#grid.addEventListener("click", ({ target }) => target.closest(".screen-sound") && this.#toggleSoundOf(target.closest(".screen").dataset.camera));
  }

  /** How many may play at once. */
  get most() {
    return WALL.matches ? 9 : 4;
  }

  /** Shows these and no others; `footageOf` says what was recorded of a camera, and `titleOf` what to call it. */
  show(cameras, titleOf, footageOf) {
    for (const [name, screen] of this.#screens) {
      if (!cameras.includes(name)) {
        screen.close();
        this.#screens.delete(name);
      }
    }
    for (const name of cameras) {
      if (!this.#screens.has(name)) {
        this.#screens.set(name, new Screen(name));
      }
      Object.assign(this.#screens.get(name), { title: titleOf(name), footage: footageOf(name) });
    }
    this.#hear(this.#screens.has(this.#heard) ? this.#heard : null);
    const elements = cameras.map((name) => this.#screens.get(name).element);
    if (elements.some((element, place) => this.#grid.children[place] !== element)) {
      this.#grid.replaceChildren(...elements);
    }
    this.#fit();
  }

  /** True where one of them needs time before the clock can go on. */
  follow(clock) {
    return [...this.#screens.values()].map((screen) => screen.follow(clock)).some(Boolean);
  }

  pause() {
    this.#screens.forEach((screen) => screen.pause());
  }

  /** Off, where one is heard; otherwise that of the first which has any. */
  toggleSound() {
    const [first] = [...this.#screens].find(([, screen]) => screen.hasSound) ?? [null];
    this.#hear(this.#heard === null ? first : null);
  }

  #toggleSoundOf(camera) {
    this.#hear(this.#heard === camera ? null : camera);
  }

  /** One at a time. */
  #hear(camera) {
    this.#heard = camera;
    this.#screens.forEach((screen, name) => (screen.heard = name === camera));
  }

  #fit() {
    const count = this.#screens.size;
    const isFull = document.fullscreenElement !== null;
    const box = { width: this.#grid.clientWidth, height: isFull ? this.#grid.clientHeight : innerHeight * SHARE_OF_HEIGHT };
    if (count > 0 && box.width > 0) {
      const { columns, width } = PHONE.matches && !isFull ? { columns: count > 2 ? 2 : 1, width: null } : fit(count, box, GAP_PX);
      this.#grid.style.setProperty("--columns", columns);
      this.#grid.style.setProperty("--width", width === null ? "1fr" : `${Math.min(width, box.height * ASPECT)}px`);
    }
  }
}
