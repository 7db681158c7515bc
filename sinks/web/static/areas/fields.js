// The form of the zone or line that is selected.

import { attributesInWords, attributesOfWords, DEFAULTS, FEWEST, said, saying } from "./form.js";
import { FORM } from "./markup.js";
import { says } from "./wording.js";

/** Changes the draft with every key; buttons are the editor's. */
export class Fields {
  #form;
  #draft;
  #labels;
  #area = null;

  /** `labels` are those that the camera tracks. */
  constructor(form, draft, labels) {
    [this.#form, this.#draft, this.#labels] = [form, draft, labels];
    form.addEventListener("input", ({ target }) => this.#typed(target));
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** null shows none. What is being typed stays as it is. */
  show(area) {
    const isOther = area?.id !== this.#area?.id || area?.kind !== this.#area?.kind;
    this.#area = area;
    this.#form.hidden = area === null;
    if (area === null) {
      return;
    }
    if (isOther) {
      this.#build(area);
    }
    this.#fill(area);
  }

  /** `problems` of this area, each with the key it is about. */
  complain(problems) {
    for (const place of this.#form.querySelectorAll("[data-problem]")) {
      const texts = problems.filter(({ key }) => key === place.dataset.problem).map(({ text }) => text);
      place.hidden = texts.length === 0;
      place.textContent = texts.join(" ");
      this.#form.elements[place.dataset.problem]?.setAttribute?.("aria-invalid", String(texts.length > 0));
    }
  }

  /** Which of a corner's buttons make sense; -1 is none. */
  corner(at) {
    const button = (name) => this.#form.querySelector(`[data-do="${name}"]`);
    if (this.#area) {
      const { kind, points } = this.#area;
      button("remove-corner").hidden = button("add-corner").hidden = kind === "line" || points === null;
      button("remove-corner").ariaDisabled = String(at < 0 || points.length <= FEWEST[kind]);
      button("flip").hidden = kind === "zone" || points === null;
    }
  }

  #build(area) {
    this.#form.innerHTML = FORM[area.kind];
    this.#form.setAttribute("aria-label", area.kind === "zone" ? "Zone" : "Line");
    const unknown = said(area, "objects").filter((label) => !this.#labels.includes(label));
    this.#form.querySelector('[data-part="objects"]').append(...[...this.#labels, ...unknown].map(choice));
    this.#form.querySelector("details").open = Object.keys(said(area, "attributes")).length > 0;
    this.#form.querySelector('[data-part="corners"]').textContent = area.kind === "zone" ? says.corners : says.ends;
    this.#form.querySelector('[data-do="remove"]').textContent = `Delete ${area.kind}`;
    this.corner(-1);
  }

  #fill(area) {
    const chosen = said(area, "objects");
    const others = [...this.#form.elements].filter((field) => field.name && field !== document.activeElement);
    for (const field of others) {
      if (field.name === "objects") {
        field.checked = chosen.includes(field.value);
      } else if (!field.value || JSON.stringify(this.#valueOf(field)) !== JSON.stringify(valueIn(area, field.name))) {
        field.value = field.name === "attributes" ? attributesInWords(said(area, "attributes")) : valueIn(area, field.name);
      }
    }
  }

  #typed(field) {
    const value = this.#valueOf(field);
    const change = field.name === "name" ? (area) => ({ ...area, name: value }) : (area) => saying(area, field.name, value);
    this.#draft.change(this.#area.id, change, `field ${this.#area.id} ${field.name}`);
  }

  #valueOf(field) {
    if (field.name === "objects") {
      return [...this.#form.querySelectorAll('[name="objects"]:checked')].map(({ value }) => value);
    }
    if (field.name === "attributes") {
      return attributesOfWords(field.value);
    }
    if (field.type === "number") {
      return Number.isNaN(field.valueAsNumber) ? DEFAULTS[this.#area.kind][field.name] : field.valueAsNumber;
    }
    return field.value.trim();
  }
}

const valueIn = (area, key) => (key === "name" ? area.name : said(area, key));

function choice(label) {
  const made = document.createElement("label");
  made.append(Object.assign(document.createElement("input"), { type: "checkbox", name: "objects", value: label }), label);
  return made;
}
