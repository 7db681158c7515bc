// The playhead over the rows: a range input for keys and screen readers, and all of the tracks for a pointer.

import { Stretch, element } from "../stretch.js";
import { clockTime, hourTime } from "../time.js";
import { WORDS } from "./words.js";

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const STEPS_S = [1, 5, 15, 30, 60, 120, 180].map((minutes) => minutes * MINUTE_S);
const LETTER_PX = 7;
const APART_PX = 8;

/** Fires `grab` when a pointer takes it, `scrub` with detail: the time that is pointed at, and `scrubbed` when that is over. */
export class Scrubber extends EventTarget {
  #input = document.getElementById("scrub");
  #scale = document.getElementById("recordings-scale");
  #head = document.getElementById("playhead");
  #rows = document.getElementById("recordings-rows");
  #mark = document.getElementById("excerpt-mark");
  #marked = null;
  #stretch = new Stretch(0, 1);
  #said = null;
  #isTaken = false;

  constructor() {
    super();
    new ResizeObserver(() => this.#showScale()).observe(this.#scale);
    this.#input.addEventListener("input", () => this.#scrub(Number(this.#input.value)));
    this.#input.addEventListener("change", () => this.dispatchEvent(new Event("scrubbed")));
    this.#rows.addEventListener("pointerdown", (event) => this.#grab(event));
    this.#rows.addEventListener("pointermove", (event) => this.#drag(event));
    this.#input.addEventListener("pointerdown", () => this.#take());
    for (const name of ["pointerup", "pointercancel"]) {
      addEventListener(name, () => this.#letGo());
    }
  }

  get stretch() {
    return this.#stretch;
  }

  /** Spans this stretch from end to end. */
  frame(stretch) {
    if (stretch.start === this.#stretch.start && stretch.end === this.#stretch.end) {
      return;
    }
    this.#stretch = stretch;
    this.#said = null;
    Object.assign(this.#input, { min: stretch.start, max: stretch.end - 1 });
    this.#showScale();
    this.#showMarked();
  }

  /** `{ start, end }`, or null. */
  set marked(marked) {
    this.#marked = marked;
    this.#showMarked();
  }

  /** Where the playhead stands. */
  set at(at) {
    this.#head.style.setProperty("--share", this.#stretch.share(at));
    const second = Math.floor(at);
    if (second !== this.#said) {
      this.#said = second;
      this.#input.value = second;
      this.#input.ariaValueText = WORDS.moment(at);
    }
  }

  #showScale() {
    const { start, end, seconds } = this.#stretch;
    const told = (step) => (step >= HOUR_S ? hourTime : clockTime);
    const width = (step) => (seconds / step) * (told(step)(start).length * LETTER_PX + APART_PX);
    const step = STEPS_S.find((each) => width(each) <= this.#scale.clientWidth) ?? STEPS_S.at(-1);
    const labels = [];
    for (let at = start; at < end; at += step) {
      labels.push(this.#stretch.place(element("span", "recordings-label", told(step)(at)), at, at + step));
    }
    this.#scale.replaceChildren(...labels);
    this.#rows.style.setProperty("--slots", seconds / step);
  }

  #showMarked() {
    const { start, end } = this.#marked ?? {};
    this.#mark.hidden = this.#marked === null || start >= this.#stretch.end || end < this.#stretch.start;
    this.#mark.style.setProperty("--from", this.#stretch.share(start ?? 0));
    this.#mark.style.setProperty("--to", this.#stretch.share(end ?? 0));
  }

  #grab(event) {
    const track = event.target.closest(".day-track");
    if (track && event.button === 0) {
      track.setPointerCapture(event.pointerId);
      this.#take();
      this.#scrub(this.#stretch.at(track, event.clientX));
    }
  }

  #take() {
    this.#isTaken = true;
    this.dispatchEvent(new Event("grab"));
  }

  #drag(event) {
    const track = event.target.closest(".day-track");
    if (track?.hasPointerCapture(event.pointerId)) {
      this.#scrub(this.#stretch.at(track, event.clientX));
    }
  }

  #letGo() {
    if (this.#isTaken) {
      this.#isTaken = false;
      this.dispatchEvent(new Event("scrubbed"));
    }
  }

  #scrub(at) {
    this.dispatchEvent(new CustomEvent("scrub", { detail: at }));
  }
}
