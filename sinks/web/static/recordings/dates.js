// Which day it is, and the way to another one.

import { dayAt, dayFrom, stretchOf, today } from "../events/query.js";
import { dayLong } from "../time.js";

const byId = (id) => document.getElementById(`recordings-${id}`);

/** Fires `go` with detail: the same time of another day. */
export class Dates extends EventTarget {
  #at = 0;

  constructor() {
    super();
    byId("earlier").addEventListener("click", () => this.#go(dayFrom(dayAt(this.#at), -1)));
    byId("later").addEventListener("click", () => this.#go(dayFrom(dayAt(this.#at), 1)));
    byId("date").addEventListener("change", ({ target }) => target.value && target.validity.valid && this.#go(target.value));
  }

  show(at) {
    this.#at = at;
    byId("when").textContent = dayLong(at);
    Object.assign(byId("date"), { value: dayAt(at), max: today() });
    byId("later").disabled = dayAt(at) >= today();
  }

  #go(day) {
    const sinceMidnight = this.#at - midnight(dayAt(this.#at));
    this.dispatchEvent(new CustomEvent("go", { detail: midnight(day) + sinceMidnight }));
  }
}

const midnight = (day) => stretchOf({ day, after: null }).start;
