// Draws a new zone or line, point after point: by mouse, by touch, or by a cross that the arrow keys move.

import { FEWEST, rounded } from "./form.js";
import { stepOf } from "./handles.js";

const NEAR_PX = { mouse: 12, pen: 16, touch: 24 };
const MIDDLE = [0.5, 0.5];

/**
 * Fires `change` as it goes, `done` with detail `{ kind, points }`, and `cancel`. `where(event)` says at which relative
 * point a pointer is, `distance(one, other)` how far two points lie apart on the screen.
 */
export class Pen extends EventTarget {
  kind = null;
  points = [];
  cursor = null;
  #element;
  #where;
  #distance;
  #down = false;

  constructor(element, where, distance) {
    super();
    [this.#element, this.#where, this.#distance] = [element, where, distance];
    element.addEventListener("pointerdown", (event) => this.#pressedDown(event));
    element.addEventListener("pointermove", (event) => this.#hovered(event));
    element.addEventListener("pointerup", (event) => this.#released(event));
    element.addEventListener("pointercancel", () => (this.#down = false));
    element.addEventListener("keydown", (event) => this.kind && this.#pressed(event));
  }

  get canFinish() {
    return this.kind !== null && this.points.length >= FEWEST[this.kind];
  }

  /** What there would be with the next point where the cursor is. */
  get preview() {
    return this.cursor ? [...this.points, this.cursor] : this.points;
  }

  begin(kind) {
    Object.assign(this, { kind, points: [], cursor: null });
    this.#changed();
  }

  cancel() {
    if (this.kind) {
      Object.assign(this, { kind: null, points: [], cursor: null });
      this.dispatchEvent(new Event("cancel"));
    }
  }

  finish() {
    if (this.canFinish) {
      const detail = { kind: this.kind, points: this.points };
      Object.assign(this, { kind: null, points: [], cursor: null });
      this.dispatchEvent(new CustomEvent("done", { detail }));
    }
  }

  takeBack() {
    this.points = this.points.slice(0, -1);
    this.#changed();
  }

  #put(point, nearPx) {
    const near = (other) => other && this.#distance(point, other) < nearPx;
    if (near(this.points[0]) || near(this.points.at(-1))) {
      this.finish();
      return;
    }
    this.points = [...this.points, rounded(point)];
    this.#changed();
    if (this.kind === "line" && this.canFinish) {
      this.finish();
    }
  }

  #pressedDown(event) {
    if (this.kind && event.button === 0) {
      event.preventDefault();
      this.#element.focus({ preventScroll: true });
      this.#element.setPointerCapture(event.pointerId);
      this.#down = true;
      this.#hovered(event);
    }
  }

  #hovered(event) {
    if (this.kind) {
      this.cursor = rounded(this.#where(event));
      this.#changed();
    }
  }

  #released(event) {
    if (this.kind && this.#down) {
      this.#down = false;
      this.cursor = event.pointerType === "touch" ? null : this.cursor;
      this.#put(this.#where(event), NEAR_PX[event.pointerType] ?? NEAR_PX.mouse);
    }
  }

  #pressed(event) {
    const by = stepOf(event);
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (by) {
      const [x, y] = this.cursor ?? this.points.at(-1) ?? MIDDLE;
      this.cursor = rounded([x + by[0], y + by[1]]);
      this.#changed();
    } else if (event.key === " ") {
      this.#put(this.cursor ?? MIDDLE, 1);
    } else if (event.key === "Backspace" || event.key === "Delete") {
      this.takeBack();
    } else if (event.key === "Enter") {
      this.finish();
    } else if (event.key === "Escape") {
      this.cancel();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
