// The zones and lines by name, each with what happens at it now.

import { spoken } from "../wording.js";
import { svg } from "./shapes.js";
import { tallyInWords } from "./wording.js";

/** Fires `select` with detail: an area's id. */
export class AreaList extends EventTarget {
  #list;
  #items = new Map();

  constructor(list) {
    super();
    this.#list = list;
  }

  /** `wrong` are the ids of those that something is wrong with. */
  show(areas, selected, wrong) {
    const known = this.#items;
    this.#items = new Map(areas.map((area) => [area.id, known.get(area.id) ?? this.#item(area)]));
    const items = [...this.#items.values()].map(({ item }) => item);
    if (items.length !== this.#list.children.length || items.some((item, at) => item !== this.#list.children[at])) {
      this.#list.replaceChildren(...items);
    }
    for (const area of areas) {
      const { item, button, name } = this.#items.get(area.id);
      button.setAttribute("aria-pressed", String(area.id === selected));
      item.dataset.wrong = wrong.has(area.id);
      name.textContent = spoken(area.name) || "(no name)";
    }
  }

  /** `tallyOf(id)` and `insideOf(id)` say what to count. */
  count(areas, tallyOf, insideOf) {
    for (const area of areas) {
      const { tally } = this.#items.get(area.id);
      const text = tallyInWords(area, tallyOf(area.id), insideOf(area.id));
      if (tally.textContent !== text) {
        tally.textContent = text;
      }
    }
  }

  focus(id) {
    this.#items.get(id)?.button.focus();
  }

  #item({ id, kind }) {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "area-button" });
    const [name, tally] = ["area-name", "area-tally"].map((className) => Object.assign(document.createElement("span"), { className }));
    const picture = svg("svg", { role: "img", "aria-label": kind }, svg("use", { href: `/static/icons.svg#${kind}` }));
    button.append(picture, name, tally);
    button.addEventListener("click", () => this.dispatchEvent(new CustomEvent("select", { detail: id })));
    item.append(button);
    return { item, button, name, tally };
  }
}
