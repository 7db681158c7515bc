// What the list is narrowed to; the choices are what the store has.

import { get } from "../api.js";
import { capitalised, spoken } from "../wording.js";

const PHONE = matchMedia("(max-width: 760px)");
const TYPES = {
  object: "Object in view",
  zone_enter: "Zone entered",
  zone_leave: "Zone left",
  line_cross: "Line crossed",
  loitering: "Loitering",
  count_over: "Too many",
  count_under: "Too few",
  wrong_way: "Wrong way",
  object_left: "Left behind",
  object_removed: "Taken away",
  no_motion: "Nothing moves",
  tamper: "Tampering",
  camera_offline: "Camera offline",
  camera_online: "Camera back online",
};

/** Fires `change` with detail: the filters that are set, by name. */
export class Filters extends EventTarget {
  #form = document.getElementById("filters");
  #fold = document.getElementById("filters-fold");
  #clear = document.getElementById("filters-clear");
  #titleOf;
  #shown = {};

  /** `titleOf` says what to call a camera. */
  constructor(titleOf) {
    super();
    this.#titleOf = titleOf;
    this.#fold.open = !PHONE.matches;
    PHONE.addEventListener("change", () => (this.#fold.open ||= !PHONE.matches));
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("change", () => this.#tell(Object.fromEntries(new FormData(this.#form))));
    this.#form.addEventListener("reset", (event) => {
      event.preventDefault();
      this.#tell({});
      this.#form.elements.camera.focus();
    });
  }

  /** Shows what is set, also where the store has no such event. */
  show(filters) {
    this.#shown = filters;
    for (const select of this.#selects()) {
      const value = filters[select.name] ?? "";
      if (![...select.options].some((option) => option.value === value)) {
        select.append(new Option(this.#titled(select.name, value), value));
      }
      select.value = value;
      select.toggleAttribute("data-set", value !== "");
    }
    const isAny = Object.keys(filters).length > 0;
    this.#clear.hidden = !isAny;
    this.#fold.open ||= isAny || !PHONE.matches;
  }

  /** Takes the choices anew; rejects with an ApiError. */
  async load() {
    const { cameras, types, labels, zones, rules, attributes } = await get("/api/v1/events/choices");
    const pairs = Object.entries(attributes).flatMap(([name, values]) => values.map((value) => `${name}:${value}`));
    const choices = { camera: cameras, type: types, label: labels, zone: zones, rule: rules, attribute: pairs };
    for (const [name, values] of Object.entries(choices)) {
      const select = this.#form.elements[name];
      const options = values.map((value) => new Option(this.#titled(name, value), value));
      select.replaceChildren(select.options[0], ...options);
      select.parentElement.hidden = values.length === 0 && !(name in this.#shown);
    }
    this.show(this.#shown);
  }

  #titled(name, value) {
    if (name === "camera") {
      return this.#titleOf(value);
    }
    if (name === "rule") {
      return value;
    }
    return name === "type" && TYPES[value] ? TYPES[value] : capitalised(spoken(value.replace(":", ": ")));
  }

  #selects() {
    return this.#form.querySelectorAll("select");
  }

  #tell(values) {
    const filters = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
    this.dispatchEvent(new CustomEvent("change", { detail: filters }));
  }
}
