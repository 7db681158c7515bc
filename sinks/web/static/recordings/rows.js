// A row for each camera: whether it is shown, when there is video of it and why, and when something happened.

import { element } from "../stretch.js";
import { joined } from "./footage.js";
import { KINDS, WORDS } from "./words.js";

const BAR_PX = 3; // bars closer to each other than this are drawn as one
const TICK_PX = 4;

/** Fires `choose` with detail `{ camera, isChosen }`. */
export class Rows extends EventTarget {
  #list = document.getElementById("recordings-rows");
  #rows = new Map();

  constructor() {
    super();
    this.#list.addEventListener("change", ({ target }) => {
      const detail = { camera: target.closest("li").dataset.camera, isChosen: target.checked };
      this.dispatchEvent(new CustomEvent("choose", { detail }));
    });
  }

  /** `cameras` are `{ name, title, footage, happened }` in their order; the boxes of `chosen` are ticked. */
  show(cameras, chosen, most, stretch) {
    const names = cameras.map(({ name }) => name);
    if (names.join("\n") !== [...this.#rows.keys()].join("\n")) {
      this.#rows = new Map(cameras.map((camera) => [camera.name, createRow(camera)]));
      this.#list.replaceChildren(...this.#rows.values());
    }
    for (const camera of cameras) {
      const row = this.#rows.get(camera.name);
      const box = row.querySelector("input");
      box.checked = chosen.includes(camera.name);
      box.disabled = !box.checked && chosen.length >= most;
      row.querySelector(".day-name").title = box.disabled ? WORDS.most(most) : "";
      row.querySelector(".day-title").textContent = camera.title;
      row.querySelector(".day-count").textContent = WORDS.recorded(camera.footage.secondsIn(stretch));
      const track = row.querySelector(".day-track");
      track.replaceChildren(...bars(camera, stretch, track.clientWidth || 900));
    }
  }
}

function createRow({ name }) {
  const row = element("li", "day-row");
  const label = element("label", "day-name");
  const box = Object.assign(document.createElement("input"), { type: "checkbox" });
  label.append(box, element("span", "day-title"), element("span", "day-count"));
  row.dataset.camera = name;
  row.append(label, element("div", "day-track"));
  return row;
}

function bars({ footage, happened }, stretch, width) {
  const closeS = stretch.seconds / width;
  const seen = footage.spans.filter(({ start, end }) => end > stretch.start && start < stretch.end);
  const found = Object.keys(KINDS).flatMap((kind) =>
    joined(seen.filter(({ kinds }) => kinds.includes(kind)), BAR_PX * closeS).map(({ start, end }) => bar(kind, start, end, stretch)),
  );
  const events = happened.filter((at) => stretch.has(at)).map((at) => ({ start: at, end: at }));
  const ticks = joined(events, TICK_PX * closeS).map(({ start }) => stretch.place(element("i", "footage-tick"), start, start));
  const now = Date.now() / 1000;
  return [...found, ...ticks, ...(stretch.has(now) ? [stretch.place(element("i", "day-now"), now, now)] : [])];
}

function bar(kind, start, end, stretch) {
  const bar = stretch.place(element("i", "footage"), start, end);
  bar.dataset.kind = kind;
  bar.title = WORDS.span(kind, start, end);
  return bar;
}
