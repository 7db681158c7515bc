// Takes hold of a tile: with the mouse at once, with a finger after a while (before that it scrolls).

const MOUSE_STARTS_PX = 6;
const FINGER_SLIPS_PX = 10;
const LONG_PRESS_MS = 450;
const EDGE_PX = 56;
const SCROLL_PX = 14;

/**
 * Fires `over` with detail `{ tile, place }` while a tile is dragged over the place of another, and `drop` or `cancel`
 * with detail `{ tile }`. `mayDrag` says whether a tile can be moved at all. Tiles are the children of `grid`; their
 * places are told by the style `order`.
 */
export class Dragging extends EventTarget {
  #grid;
  #scroller;
  #mayDrag;
  #held = null; // { tile, pointer, x, y, grabX, grabY, timer, drags }

  constructor(grid, scroller, mayDrag) {
    super();
    [this.#grid, this.#scroller, this.#mayDrag] = [grid, scroller, mayDrag];
    grid.addEventListener("pointerdown", (event) => this.#pressed(event));
    grid.addEventListener("pointermove", (event) => this.#moved(event));
    grid.addEventListener("pointerup", (event) => this.#isHeldBy(event) && this.#end("drop"));
    grid.addEventListener("pointercancel", (event) => this.#isHeldBy(event) && this.#end("cancel"));
    grid.addEventListener("touchmove", (event) => this.#held?.drags && event.preventDefault(), { passive: false });
    grid.addEventListener("contextmenu", (event) => this.#held && event.preventDefault()); // of a long press
    grid.addEventListener("dragstart", (event) => event.preventDefault());
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.#end("cancel"), { capture: true });
  }

  get active() {
    return Boolean(this.#held?.drags);
  }

  #isHeldBy({ pointerId }) {
    return this.#held?.pointer === pointerId;
  }

  #pressed(event) {
    const tile = event.target.closest(".tile");
    if (!this.active) {
      this.#end("cancel"); // let go where nobody could tell
    }
    if (!tile || this.#held || event.button !== 0 || event.target.closest("button, a") || !this.#mayDrag()) {
      return;
    }
    const { left, top } = tile.getBoundingClientRect();
    const [x, y] = [event.clientX, event.clientY];
    this.#held = { tile, pointer: event.pointerId, x, y, grabX: x - left, grabY: y - top, drags: false };
    if (event.pointerType !== "mouse") {
      this.#held.timer = setTimeout(() => this.#begin(), LONG_PRESS_MS);
    }
  }

  #moved(event) {
    const held = this.#held;
    if (!this.#isHeldBy(event)) {
      return;
    }
    if (event.buttons === 0) {
      this.#end("cancel");
      return;
    }
    const distance = Math.hypot(event.clientX - held.x, event.clientY - held.y);
    if (!held.drags && event.pointerType === "mouse" && distance > MOUSE_STARTS_PX) {
      this.#begin();
    } else if (!held.drags && event.pointerType !== "mouse" && distance > FINGER_SLIPS_PX) {
      this.#end("cancel");
    }
    if (this.active) {
      [held.x, held.y] = [event.clientX, event.clientY];
      this.#follow();
    }
  }

  #begin() {
    const { tile, pointer } = this.#held;
    this.#held.drags = true;
    tile.setPointerCapture(pointer);
    tile.classList.add("dragged");
    requestAnimationFrame(() => this.#scrollAtTheEdge());
  }

  #follow() {
    const { tile, x, y, grabX, grabY } = this.#held;
    const place = this.#placeAt(x, y);
    if (place !== null) {
      this.dispatchEvent(new CustomEvent("over", { detail: { tile, place } }));
    }
    const origin = this.#grid.getBoundingClientRect();
    const [left, top] = [tile.offsetLeft - this.#grid.offsetLeft, tile.offsetTop - this.#grid.offsetTop];
    tile.style.translate = `${x - grabX - origin.left - left}px ${y - grabY - origin.top - top}px`;
  }

  /** The place of the other tile at that point of the window; null where there is none. */
  #placeAt(x, y) {
    const tiles = [...this.#grid.children];
    const under = tiles.find((tile) => tile !== this.#held.tile && !tile.hidden && contains(tile, x, y));
    return under ? Number(under.style.order) : null;
  }

  #scrollAtTheEdge() {
    if (!this.active) {
      return;
    }
    const { top, bottom } = this.#scroller.getBoundingClientRect();
    const before = this.#scroller.scrollTop;
    const by = this.#held.y < top + EDGE_PX ? -SCROLL_PX : this.#held.y > bottom - EDGE_PX ? SCROLL_PX : 0;
    this.#scroller.scrollBy(0, by);
    if (this.#scroller.scrollTop !== before) {
      this.#follow();
    }
    requestAnimationFrame(() => this.#scrollAtTheEdge());
  }

  #end(how) {
    const held = this.#held;
    if (!held) {
      return;
    }
    clearTimeout(held.timer);
    this.#held = null;
    if (held.drags) {
      held.tile.classList.remove("dragged");
      held.tile.style.translate = "";
      this.dispatchEvent(new CustomEvent(how, { detail: { tile: held.tile } }));
    }
  }
}

function contains(element, x, y) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return x >= left && x < right && y >= top && y < bottom;
}
