// The corners of the zone or line that is selected: dragged, moved by keys, added and taken away.

import { FEWEST } from "./form.js";
import { edges } from "./geometry.js";
import { cornerName } from "./wording.js";

const STEP = 0.01;
const FINE_STEP = 0.001;
const LONG_PRESS_MS = 600;
const STILL_PX = 6;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** How far a key moves a point; null where it is none that does. */
export function stepOf({ key, shiftKey }) {
  const step = shiftKey ? FINE_STEP : STEP;
  return ARROWS[key]?.map((along) => along * step) ?? null;
}

/** Buttons over the picture. `where(event)` says at which relative point a pointer is. Fires `corner` when another is the current one. */
export class Handles extends EventTarget {
  /** Which corner had the focus last; -1 is none. */
  current = -1;
  #draft;
  #area = null;
  #where;
  #corners = [];
  #middles = [];
  #drag = null;

  constructor(draft, where) {
    super();
    this.#draft = draft;
    this.#where = where;
    this.element = Object.assign(document.createElement("div"), { className: "handles", role: "group" });
    this.element.addEventListener("pointerdown", (event) => this.#grabbed(event));
    this.element.addEventListener("pointermove", (event) => this.#dragged(event));
    this.element.addEventListener("pointerup", () => this.#let());
    this.element.addEventListener("pointercancel", () => this.#let());
    this.element.addEventListener("keydown", (event) => this.#pressed(event));
    this.element.addEventListener("contextmenu", (event) => event.preventDefault());
    this.element.addEventListener("focusin", ({ target }) => this.#choose(this.#corners.indexOf(target)));
  }

  /** Shows the corners of this area; null shows none. */
  show(area) {
    const isOther = area?.id !== this.#area?.id;
    this.#area = area;
    const points = area?.points ?? [];
    this.element.hidden = points.length === 0;
    this.element.setAttribute("aria-label", area ? `Corners of ${area.name}` : "");
    fit(this.#corners, points.length, () => this.#append("corner"));
    points.forEach((point, at) => {
      place(this.#corners[at], point);
      this.#corners[at].setAttribute("aria-label", cornerName(area, at));
    });
    const between = area?.kind === "zone" ? edges(points).map(([[x1, y1], [x2, y2]]) => [(x1 + x2) / 2, (y1 + y2) / 2]) : [];
    fit(this.#middles, between.length, () => this.#append("middle"));
    between.forEach((point, at) => place(this.#middles[at], point));
    this.#choose(isOther || this.current >= points.length ? -1 : this.current);
  }

  focus(at) {
    this.#corners[at]?.focus({ preventScroll: true });
  }

  /** Halfway to the next corner. */
  add(after) {
    const [[x1, y1], [x2, y2]] = edges(this.#area.points)[after];
    this.#insert(after, [(x1 + x2) / 2, (y1 + y2) / 2], null);
    this.focus(after + 1);
  }

  /** Nothing happens where there is none, or too few would be left. */
  remove(at) {
    const { id, kind, points } = this.#area;
    if (at >= 0 && points.length > FEWEST[kind]) {
      this.#draft.move(id, points.filter((_, other) => other !== at), null);
      this.focus(Math.min(at, points.length - 2));
    }
  }

  #choose(at) {
    const isOther = at !== this.current;
    this.current = at;
    this.#corners.forEach((corner, each) => (corner.dataset.current = each === at));
    if (isOther) {
      this.dispatchEvent(new Event("corner"));
    }
  }

  #insert(after, point, step) {
    this.#draft.move(this.#area.id, this.#area.points.toSpliced(after + 1, 0, point), step);
  }

  #append(kind) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: kind });
    if (kind === "middle") {
      button.tabIndex = -1; // a corner's Insert key does the same
      button.ariaHidden = "true";
    }
    this.element.append(button);
    return button;
  }

  #grabbed(event) {
    const middle = this.#middles.indexOf(event.target);
    const corner = this.#corners.indexOf(event.target);
    if (event.button !== 0 || (middle < 0 && corner < 0)) {
      return;
    }
    event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    const step = Symbol("drag");
    if (middle >= 0) {
      this.#insert(middle, this.#where(event), step);
    }
    const at = middle >= 0 ? middle + 1 : corner;
    this.focus(at);
    const timer = corner >= 0 && event.pointerType !== "mouse" ? setTimeout(() => this.#longPressed(), LONG_PRESS_MS) : null;
    this.#drag = { at, step, timer, from: [event.clientX, event.clientY], moving: middle >= 0, grip: this.#gripOf(event, at) };
  }

  /** From the pointer to the point: what is grabbed at its rim does not jump. */
  #gripOf(event, at) {
    const [x, y] = this.#where(event);
    return [this.#area.points[at][0] - x, this.#area.points[at][1] - y];
  }

  #dragged(event) {
    const drag = this.#drag;
    if (!drag) {
      return;
    }
    drag.moving ||= Math.hypot(event.clientX - drag.from[0], event.clientY - drag.from[1]) > STILL_PX;
    if (drag.moving) {
      clearTimeout(drag.timer);
      const [x, y] = this.#where(event);
      this.#moveTo(drag.at, [x + drag.grip[0], y + drag.grip[1]], drag.step);
    }
  }

  #longPressed() {
    const { at } = this.#drag;
    this.#drag = null;
    this.remove(at);
  }

  #let() {
    clearTimeout(this.#drag?.timer);
    this.#drag = null;
  }

  #moveTo(at, point, step) {
    this.#draft.move(this.#area.id, this.#area.points.with(at, point), step);
  }

  #pressed(event) {
    const at = this.#corners.indexOf(event.target);
    const by = stepOf(event);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (by) {
      const [x, y] = this.#area.points[at];
      this.#moveTo(at, [x + by[0], y + by[1]], `keys ${this.#area.id} ${at}`);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.remove(at);
    } else if ((event.key === "Insert" || event.key === "+") && this.#area.kind === "zone") {
      this.add(at);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

function fit(list, count, create) {
  while (list.length < count) {
    list.push(create());
  }
  list.splice(count).forEach((button) => button.remove());
}

function place(element, [x, y]) {
  element.style.left = `${100 * x}%`;
  element.style.top = `${100 * y}%`;
}
