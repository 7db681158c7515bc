// The zones and lines of one camera while they are edited: every step can be taken back.

import { placed, pointsOf, rounded } from "./form.js";

const MOST_STEPS = 200;

/** Fires `change`. An area is `{ id, kind, name, written, points }`; `points` is null where they cannot be drawn. */
export class Draft extends EventTarget {
  #areas = [];
  #saved = "";
  #past = [];
  #future = [];
  #step = null;
  #nextId = 1;

  /** `zones` and `lines` as they are written. */
  constructor(written) {
    super();
    this.#areas = this.#read(written);
    this.saved();
  }

  get areas() {
    return this.#areas;
  }

  /** Whether it differs from what was saved last. */
  get changed() {
    return JSON.stringify(this.written) !== this.#saved;
  }

  /** In the configuration's form. */
  get written() {
    const of = (wanted) => Object.fromEntries(this.#areas.filter(({ kind }) => kind === wanted).map(({ name, written }) => [name, written]));
    return { zones: of("zone"), lines: of("line") };
  }

  /** Names that two of a kind have, or that are none, each with what is wrong. */
  get misnamed() {
    return this.#areas.flatMap((area) => {
      const others = this.#areas.filter(({ kind, name }) => kind === area.kind && name === area.name);
      const wrong = !/^[\w-]+$/.test(area.name) ? "letters, digits, _ and -" : others.length > 1 ? `a name that no other ${area.kind} has` : "";
      return wrong ? [{ id: area.id, wanted: wrong }] : [];
    });
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  find(id) {
    return this.#areas.find((area) => area.id === id) ?? null;
  }

  /** Takes what somebody else has saved; what was drawn here can be had back by undo. */
  replace(written) {
    this.#become(this.#read(written), null);
    this.saved();
  }

  saved() {
    this.#saved = JSON.stringify(this.written);
    this.dispatchEvent(new Event("change"));
  }

  /** The id of the new area, which has a name of its own. */
  add(kind, points) {
    const id = this.#nextId++;
    const area = placed({ id, kind, name: this.#freeName(kind), written: {}, points: null }, points.map(rounded));
    this.#become([...this.#areas, area], null);
    return id;
  }

  remove(id) {
    this.#become(this.#areas.filter((area) => area.id !== id), null);
  }

  /** Changes one area by a function; changes in a row that name the same `step` are undone together. */
  change(id, changed, step = null) {
    const areas = this.#areas.map((area) => (area.id === id ? changed(area) : area));
    if (JSON.stringify(areas) !== JSON.stringify(this.#areas)) {
      this.#become(areas, step);
    }
  }

  move(id, points, step) {
    this.change(id, (area) => placed(area, points.map(rounded)), step);
  }

  undo() {
    this.#travel(this.#past, this.#future);
  }

  redo() {
    this.#travel(this.#future, this.#past);
  }

  #read({ zones, lines }) {
    const all = [...Object.entries(zones).map((one) => ["zone", ...one]), ...Object.entries(lines).map((one) => ["line", ...one])];
    return all.map(([kind, name, written]) => ({ id: this.#nextId++, kind, name, written, points: pointsOf(kind, written) }));
  }

  #freeName(kind) {
    const taken = new Set(this.#areas.filter((area) => area.kind === kind).map(({ name }) => name));
    let number = 1;
    while (taken.has(number === 1 ? kind : `${kind}_${number}`)) {
      number += 1;
    }
    return number === 1 ? kind : `${kind}_${number}`;
  }

  #become(areas, step) {
    if (step === null || step !== this.#step) {
      this.#past = [...this.#past.slice(1 - MOST_STEPS), this.#areas];
    }
    [this.#areas, this.#future, this.#step] = [areas, [], step];
    this.dispatchEvent(new Event("change"));
  }

  #travel(from, to) {
    if (from.length) {
      to.push(this.#areas);
      [this.#areas, this.#step] = [from.pop(), null];
      this.dispatchEvent(new Event("change"));
    }
  }
}
