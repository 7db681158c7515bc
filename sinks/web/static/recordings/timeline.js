// The day around the moment that is shown, or the part of it that one has zoomed to.

import { dayAt, stretchOf } from "../days.js";
import { Stretch } from "../stretch.js";
import { Rows } from "./rows.js";
import { Scrubber } from "./scrubber.js";

/** Fires `grab`, `scrub`, `scrubbed` and `choose` as its parts do, and `zoom` when it wants to be shown anew. */
export class Timeline extends EventTarget {
  #rows = new Rows();
  #scrubber = new Scrubber();
  #zoom = document.getElementById("recordings-zoom");

  constructor() {
    super();
    const handOn = ({ type, detail }) => this.dispatchEvent(new CustomEvent(type, { detail }));
    this.#rows.addEventListener("choose", handOn);
    ["grab", "scrub", "scrubbed"].forEach((name) => this.#scrubber.addEventListener(name, handOn));
    this.#zoom.addEventListener("change", () => this.dispatchEvent(new Event("zoom")));
  }

  /** Where the playhead stands; the rows must have been shown with a moment nearby. */
  set at(at) {
    this.#scrubber.at = at;
  }

  /** `{ start, end }` that is drawn over the rows, or null. */
  set marked(marked) {
    this.#scrubber.marked = marked;
  }

  has(at) {
    return this.#scrubber.stretch.has(at);
  }

  /** `cameras` as the rows take them. */
  show(at, cameras, chosen, most) {
    const stretch = this.#stretchAround(at);
    this.#scrubber.frame(stretch);
    this.#rows.show(cameras, chosen, most, stretch);
    this.at = at;
  }

  #stretchAround(at) {
    const { start, end } = stretchOf({ day: dayAt(at), after: null });
    const length = Number(this.#zoom.querySelector(":checked").value) || end - start;
    const from = start + Math.floor((at - start) / length) * length;
    return new Stretch(from, Math.min(end, from + length));
  }
}
