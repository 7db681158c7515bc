// Which day is looked at, and the way to another one.

import { dayFrom, today } from "./days.js";

/** Fires `step` and `pick`, by a button or by its date, with detail: the day, as `2026-11-26`. */
export class DayPicker extends EventTarget {
  #date;
  #later;
  #day = today();

  /** `place` has the buttons and the date. */
  constructor(place) {
    super();
    this.#date = place.querySelector("input[type='date']");
    this.#later = place.querySelector("[data-step='1']");
    for (const button of place.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.#tell("step", dayFrom(this.#day, Number(button.dataset.step))));
    }
    this.#date.addEventListener("change", () => this.#date.value && this.#date.validity.valid && this.#tell("pick", this.#date.value));
  }

  show(day) {
    this.#day = day;
    Object.assign(this.#date, { value: day, max: today() });
    this.#later.disabled = day >= today();
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
