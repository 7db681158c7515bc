// What is drawn over the picture while zones and lines are edited, and what of it happens right now.

import { anchor } from "./geometry.js";
import { DEFAULTS, said } from "./form.js";
import { bindGrip } from "./grip.js";
import { Handles } from "./handles.js";
import { Pen } from "./pen.js";
import { lineShape, pixels, strokeShape, svg, zoneShape } from "./shapes.js";
import { inside } from "./trial.js";
import { drawingByKeys } from "./wording.js";
import { spoken } from "../wording.js";

const FLASH_MS = 900;
const DOT_PX = 5;
const LABEL_PX = 36;

/** Fires `select` with detail: an area's id or null, and `seen` after each picture that was looked at. */
export class Sketch extends EventTarget {
  element = Object.assign(document.createElement("div"), { className: "sketch" });
  insides = new Map();
  provisional = 0;
  #svg = svg("svg", { "aria-hidden": "true" });
  #areas = svg("g");
  #seen = svg("g", { class: "seen" });
  #drawing = svg("g", { class: "drawing" });
  #labels = Object.assign(document.createElement("div"), { className: "sketch-labels", ariaHidden: "true" });
  #shapes = new Map();
  #flashes = new Map();
  #size = { width: 1, height: 1 };
  #selected = null;
  #draft;
  #trial;
  #objects;
  #shown = null;

  /** `objects()` are those that the overlay draws now. */
  constructor(draft, trial, objects) {
    super();
    [this.#draft, this.#trial, this.#objects] = [draft, trial, objects];
    const where = (event) => this.#where(event);
    this.pen = new Pen(this.element, where, (one, other) => this.#distance(one, other));
    this.handles = new Handles(draft, where);
    this.#svg.append(this.#areas, this.#seen, this.#drawing);
    this.element.append(this.#svg, this.#labels, this.handles.element);
    draft.addEventListener("change", () => this.#draw());
    trial.addEventListener("crossed", ({ detail }) => this.#flash(detail));
    trial.addEventListener("entered", ({ detail }) => this.#flash(detail));
    for (const what of ["change", "done", "cancel"]) {
      this.pen.addEventListener(what, () => this.#draw());
    }
    bindGrip(this, draft, where);
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  get selected() {
    return this.#selected;
  }

  set selected(id) {
    this.#selected = id;
    this.#draw();
  }

  /** Goes on as long as the element is in the page. */
  look = () => {
    if (!this.element.isConnected) {
      return;
    }
    requestAnimationFrame(this.look);
    const objects = this.#objects();
    if (objects !== this.#shown || this.#flashes.size) {
      this.#shown = objects;
      this.#show(objects);
      this.dispatchEvent(new Event("seen"));
    }
  };

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.element;
    this.#size = { width, height };
    this.#svg.setAttribute("viewBox", `0 0 ${width || 1} ${height || 1}`);
    const drawn = this.#draft.areas.filter(({ points }) => points !== null);
    this.#shapes = new Map(drawn.map((area) => [area.id, { area, shape: this.#shapeOf(area), label: label(area, this.#size) }]));
    this.#areas.replaceChildren(...[...this.#shapes.values()].map(({ shape }) => shape));
    this.#labels.replaceChildren(...[...this.#shapes.values()].map((each) => each.label));
    this.handles.show(this.pen.kind ? null : this.#draft.find(this.#selected));
    this.#drawPen();
    this.#show(this.#objects());
  }

  #shapeOf(area) {
    const shape = area.kind === "zone" ? zoneShape(area.points, this.#size) : lineShape(area.points, said(area, "direction"), this.#size);
    Object.assign(shape.dataset, { area: area.id, kind: area.kind, selected: area.id === this.#selected });
    return shape;
  }

  #drawPen() {
    const { kind, preview, cursor } = this.pen;
    const { element } = this;
    element.dataset.drawing = kind ?? "";
    element.tabIndex = kind ? 0 : -1;
    element.role = kind ? "application" : null;
    element.ariaLabel = kind ? drawingByKeys[kind] : null;
    this.#drawing.replaceChildren();
    if (preview.length > 1) {
      const isArea = kind === "zone" && preview.length > 2;
      const shape = kind === "line" ? lineShape(preview.slice(0, 2), "any", this.#size) : (isArea ? zoneShape : strokeShape)(preview, this.#size);
      shape.dataset.selected = "true";
      this.#drawing.append(shape);
    }
    this.#drawing.append(...this.pen.points.map((point) => this.#dot(point, "point")));
    if (cursor) {
      const [x, y] = pixels(cursor, this.#size);
      this.#drawing.append(svg("path", { class: "cross", d: `M${x - 9},${y}h18M${x},${y - 9}v18` }));
    }
  }

  /** Who stands where, in the picture that is on the screen. */
  #show(objects) {
    this.insides = this.#trial.insides(objects);
    const provisional = this.#insideWhatIsDrawn(objects);
    const lit = new Set([...this.insides.values(), provisional].flat());
    this.#seen.replaceChildren(...objects.flatMap((thing) => this.#mark(thing, lit.has(thing))));
    for (const [id, { area, shape, label }] of this.#shapes) {
      const count = this.insides.get(id)?.length ?? 0;
      const flash = this.#flashes.get(id);
      shape.dataset.occupied = count > 0;
      shape.dataset.flash = flash?.side ?? (flash ? "entered" : "");
      const text = count ? `${spoken(area.name)} · ${count}` : spoken(area.name);
      if (label.textContent !== text) {
        label.textContent = text;
      }
      label.dataset.occupied = count > 0;
    }
    this.#drawing.firstElementChild?.setAttribute("data-occupied", provisional.length > 0);
    this.provisional = provisional.length;
  }

  #insideWhatIsDrawn(objects) {
    const { kind, preview } = this.pen;
    return kind === "zone" && preview.length > 2 ? inside({ ...DEFAULTS.zone, points: preview }, objects) : [];
  }

  #mark(thing, lit) {
    const dot = this.#dot(anchor(thing.box), lit ? "anchor lit" : "anchor");
    if (!lit) {
      return [dot];
    }
    const [x1, y1, x2, y2] = thing.box;
    const [[x, y], [right, bottom]] = [pixels([x1, y1], this.#size), pixels([x2, y2], this.#size)];
    return [svg("rect", { class: "lit-box", x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y), rx: 3 }), dot];
  }

  #dot(point, kind) {
    const [cx, cy] = pixels(point, this.#size);
    return svg("circle", { class: kind, cx, cy, r: DOT_PX });
  }

  #flash({ id, side }) {
    const flash = { side };
    this.#flashes.set(id, flash);
    setTimeout(() => {
      if (this.#flashes.get(id) === flash) {
        this.#flashes.delete(id);
        this.#show(this.#objects());
      }
    }, FLASH_MS);
  }

  #where({ clientX, clientY }) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  }

  #distance(one, other) {
    const [[x1, y1], [x2, y2]] = [pixels(one, this.#size), pixels(other, this.#size)];
    return Math.hypot(x2 - x1, y2 - y1);
  }
}

function label({ id, points, name }, { height }) {
  const made = Object.assign(document.createElement("span"), { className: "sketch-label", textContent: spoken(name) });
  const [x, y] = points.toSorted((one, other) => one[1] - other[1])[0];
  Object.assign(made.style, { left: `${100 * x}%`, top: `${100 * y}%` });
  Object.assign(made.dataset, { area: id, below: y * height < LABEL_PX, leftwards: x > 0.75 });
  return made;
}
