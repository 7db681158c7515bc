// All cameras at once, as large as they fit; or one of them, enlarged.

import { Dragging } from "./drag.js";
import { fit } from "./grid.js";
import { inOrder, keepOrder, moved } from "./order.js";
import { settings } from "./settings.js";
import { Tile } from "./tile.js";

const PHONE = matchMedia("(max-width: 760px)");

/** Fires `enlarge` with detail: the camera's name, or null. */
export class Wall extends EventTarget {
  #grid = document.getElementById("grid");
  #wall = document.getElementById("wall");
  #tiles = new Map();
  #enlarged = null;
  #shown = true;
  #configured = [];
  #dragging = new Dragging(this.#grid, this.#wall, () => !this.#enlarged && this.#tiles.size > 1);

  constructor() {
    super();
    this.#dragging.addEventListener("over", ({ detail }) => this.#preview(detail.tile.dataset.camera, detail.place));
    this.#dragging.addEventListener("drop", ({ detail }) => this.#dropped(detail.tile.dataset.camera));
    this.#dragging.addEventListener("cancel", () => this.#sort());
    settings.addEventListener("change", ({ detail }) => detail.name === "order" && this.#sort());
    new ResizeObserver(() => this.#arrange()).observe(this.#wall);
    this.#grid.addEventListener("click", (event) => this.#clicked(event));
    this.#grid.addEventListener("dblclick", (event) => this.#toggle(this.#tileOf(event)));
    this.#grid.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** What to call a camera. */
  title(name) {
    return this.#tiles.get(name)?.title ?? name;
  }

  show(cameras) {
    const names = new Set(cameras.map(({ name }) => name));
    for (const [name, tile] of this.#tiles) {
      if (!names.has(name)) {
        tile.remove();
        this.#tiles.delete(name);
      }
    }
    for (const camera of cameras) {
      const tile = this.#tiles.get(camera.name);
      if (tile) {
        tile.update(camera);
      } else {
        this.#add(camera);
      }
    }
    this.#wall.classList.toggle("empty", cameras.length === 0);
    this.#configured = cameras.map(({ name }) => name);
    if (!this.#dragging.active) {
      this.#sort();
    }
    this.#arrange();
  }

  /** Shows one camera alone; null shows all again. */
  enlarge(name) {
    this.#enlarged = name;
    this.#arrange();
    this.dispatchEvent(new CustomEvent("enlarge", { detail: name }));
  }

  focus(name) {
    this.#tiles.get(name)?.element.focus();
  }

  get shown() {
    return this.#shown;
  }

  /** Nothing plays on a wall that is not shown. */
  set shown(shown) {
    if (shown === this.#shown) {
      return;
    }
    this.#shown = shown;
    this.#wall.hidden = !shown;
    for (const tile of this.#tiles.values()) {
      tile.playing = shown;
    }
  }

  get enlarged() {
    return this.#enlarged;
  }

  #add(camera) {
    const tile = new Tile(camera, this.#shown);
    this.#tiles.set(camera.name, tile);
    this.#grid.append(tile.element);
  }

  /** Puts the tiles in the order that this browser keeps; those that stay where they are play on. */
  #sort() {
    const names = inOrder(this.#configured);
    this.#tiles = new Map(names.map((name) => [name, this.#tiles.get(name)]));
    for (const [place, tile] of [...this.#tiles.values()].entries()) {
      const standing = this.#grid.children[place];
      if (standing !== tile.element) {
        putBefore(this.#grid, tile.element, standing);
      }
      tile.element.style.order = place;
    }
  }

  /** As it will be, without a word of it in the document. */
  #preview(name, place) {
    for (const [at, other] of moved(this.#placed(), name, place).entries()) {
      this.#tiles.get(other).element.style.order = at;
    }
  }

  #placed() {
    const place = (name) => Number(this.#tiles.get(name).element.style.order);
    return [...this.#tiles.keys()].sort((one, other) => place(one) - place(other));
  }

  #dropped(name) {
    const names = this.#placed();
    const hasMoved = names.some((other, at) => other !== inOrder(this.#configured)[at]);
    if (hasMoved) {
      this.#move(name, names);
    }
  }

  #move(name, names) {
    keepOrder(names);
    const place = names.indexOf(name) + 1;
    document.getElementById("moved").textContent = `${this.title(name)}: place ${place} of ${names.length}`;
  }

  #toggle(tile) {
    if (tile && this.#tiles.size > 1) {
      this.enlarge(this.#enlarged === tile.name ? null : tile.name);
    }
  }

  #tileOf(event) {
    return this.#tiles.get(event.target.closest(".tile")?.dataset.camera);
  }

  #clicked(event) {
    if (event.target.closest('[data-action="enlarge"]')) {
      this.#toggle(this.#tileOf(event));
    }
  }

  #pressed(event) {
    const tile = this.#tiles.get(event.target.dataset.camera);
    if (!tile || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key === "Enter") {
      this.#toggle(tile);
    } else if (event.key === "f") {
      tile.toggleFullscreen();
    } else {
      this.#step(tile, event);
    }
  }

  /** Arrows go to another tile; with Shift they take this one there. */
  #step(tile, event) {
    const columns = Number(getComputedStyle(this.#grid).getPropertyValue("--columns")) || 1;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const tiles = [...this.#tiles.values()];
    const next = step && !this.#enlarged && tiles[tiles.indexOf(tile) + step];
    if (!next) {
      return;
    }
    event.preventDefault();
    if (event.shiftKey) {
      this.#move(tile.name, moved([...this.#tiles.keys()], tile.name, tiles.indexOf(next)));
      tile.element.focus();
    } else {
      next.element.focus();
    }
  }

  #arrange() {
    const enlarged = this.#tiles.has(this.#enlarged) ? this.#enlarged : null;
    for (const [name, tile] of this.#tiles) {
      tile.enlarged = name === enlarged;
      tile.element.hidden = enlarged !== null && name !== enlarged;
    }
    const style = getComputedStyle(this.#wall);
    const box = {
      width: this.#wall.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
      height: this.#wall.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom),
    };
    const count = enlarged ? 1 : this.#tiles.size;
    const gap = parseFloat(getComputedStyle(this.#grid).columnGap);
    const { columns, width } = PHONE.matches ? { columns: 1, width: box.width } : fit(count, box, gap);
    this.#grid.style.setProperty("--columns", columns);
    this.#grid.style.setProperty("--tile-width", `${Math.floor(width)}px`);
  }
}

/** Where the browser can, without taking it out: what plays in it plays on. */
function putBefore(parent, element, next) {
  if (parent.moveBefore && element.parentNode === parent) {
    parent.moveBefore(element, next);
  } else {
    parent.insertBefore(element, next);
  }
}
