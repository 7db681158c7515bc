// Which day it is, and the same time of another one.

import { DayPicker } from "../day_picker.js";
import { dayAt, stretchOf } from "../days.js";
import { dayLong } from "../time.js";

const byId = (id) => document.getElementById(id);

/** Fires `go` with detail: the time to go to. */
export class Dates extends EventTarget {
  #picker = new DayPicker(byId("recordings-day"));
  #at = 0;

  constructor() {
    super();
    for (const name of ["step", "pick"]) {
      this.#picker.addEventListener(name, ({ detail }) => this.#go(detail));
    }
  }

  show(at) {
    this.#at = at;
    byId("recordings-when").textContent = dayLong(at);
    this.#picker.show(dayAt(at));
  }

  #go(day) {
    const sinceMidnight = this.#at - midnight(dayAt(this.#at));
    this.dispatchEvent(new CustomEvent("go", { detail: midnight(day) + sinceMidnight }));
  }
}

const midnight = (day) => stretchOf({ day, after: null }).start;
