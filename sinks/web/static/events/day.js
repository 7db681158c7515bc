// A day at a glance: a row for each camera, bars for what lasted, ticks for what happened at one moment.

import { Stretch, element } from "../stretch.js";
import { clockTime, duration, exactTime, hourTime } from "../time.js";

const PHONE = matchMedia("(max-width: 760px)");
const HOUR_S = 3600;
const BAR_PX = 4; // bars closer to each other than this are drawn as one
const KINDS = { detection: "event", alert: "alert", camera: "camera event" };

/** Fires `narrow` with detail `{ after, before }`, or null for all of the day, and `open` with detail: an event's id. */
export class Day extends EventTarget {
  #hours = document.getElementById("day-hours");
  #rows = document.getElementById("day-rows");
  #stretch = new Stretch(0, 1);
  #chosen = null;

  constructor() {
    super();
    this.#hours.addEventListener("click", ({ target }) => this.#chose(target.closest("button")));
    this.#hours.addEventListener("keydown", (event) => this.#moveFocus(event));
    this.#rows.addEventListener("click", (event) => this.#clicked(event));
  }

  /** How many seconds are too little to be seen. */
  get step() {
    const width = this.#rows.querySelector(".day-track")?.clientWidth || 900;
    return Math.min(HOUR_S, Math.max(1, Math.ceil((BAR_PX * this.#stretch.seconds) / width)));
  }

  /** The 24 hours from `start` to `end`, and the part of them that is `chosen` (`{ after, before }`), or null. */
  frame({ start, end }, chosen) {
    this.#stretch = new Stretch(start, end);
    this.#chosen = chosen;
    this.#showHours();
  }

  /** `cameras` are `{ name, title }` in their order, `overview` what the API says of those on which something was. */
  show(cameras, overview) {
    const found = new Map(overview.map((camera) => [camera.camera, camera]));
    const rows = cameras.map(({ name, title }) => this.#row(title, found.get(name)));
    this.#rows.replaceChildren(...rows);
  }

  #showHours() {
    const { start, end } = this.#stretch;
    const step = (PHONE.matches ? 3 : 1) * HOUR_S;
    const focused = this.#hours.contains(document.activeElement) ? document.activeElement.dataset.after : null;
    const buttons = [];
    for (let at = start; at < end; at += step) {
      buttons.push(this.#hour(at, Math.min(at + step, end)));
    }
    const current = buttons.find((button) => button.getAttribute("aria-pressed") === "true") ?? buttons[0];
    current.tabIndex = 0;
    this.#hours.replaceChildren(...buttons);
    this.#rows.style.setProperty("--slots", (end - start) / step);
    buttons.find((button) => button.dataset.after === focused)?.focus();
  }

  #hour(after, before) {
    const button = element("button", "day-hour", hourTime(after));
    button.ariaLabel = `From ${clockTime(after)} to ${clockTime(before)}`;
    button.title = button.ariaLabel;
    button.tabIndex = -1;
    const isChosen = this.#chosen !== null && this.#chosen.after === after && this.#chosen.before === before;
    button.setAttribute("aria-pressed", String(isChosen));
    Object.assign(button.dataset, { after, before });
    return this.#stretch.place(button, after, before);
  }

  #chose(button) {
    if (button) {
      const { after, before } = button.dataset;
      const narrowed = button.getAttribute("aria-pressed") === "true" ? null : { after: Number(after), before: Number(before) };
      this.dispatchEvent(new CustomEvent("narrow", { detail: narrowed }));
    }
  }

  #moveFocus(event) {
    const buttons = [...this.#hours.children];
    const at = buttons.indexOf(event.target);
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (buttons[next]) {
      event.preventDefault();
      event.target.tabIndex = -1;
      buttons[next].tabIndex = 0;
      buttons[next].focus();
    }
  }

  #row(title, camera) {
    const row = element("li", "day-row");
    const name = element("span", "day-name", title);
    name.append(element("span", "day-count", counted(camera)));
    const track = element("div", "day-track");
    if (this.#chosen) {
      track.append(this.#stretch.place(element("i", "day-chosen"), this.#chosen.after, this.#chosen.before));
    }
    for (const span of camera?.spans ?? []) {
      track.append(this.#bar("day-span", span, span.start, span.end ?? Date.now() / 1000));
    }
    for (const mark of camera?.marks ?? []) {
      track.append(this.#bar("day-mark", mark, mark.at, mark.at));
    }
    const now = Date.now() / 1000;
    if (this.#stretch.has(now)) {
      track.append(this.#stretch.place(element("i", "day-now"), now, now));
    }
    row.append(name, track);
    return row;
  }

  #bar(className, { kind, events, id }, after, before) {
    const bar = this.#stretch.place(element("i", className), after, before);
    const length = before - after >= 1 ? `, ${duration(before - after)}` : "";
    bar.title = `${events > 1 ? `${events} ${KINDS[kind]}s, from ` : ""}${exactTime(after)}${length}`;
    Object.assign(bar.dataset, { kind, after, before }, id === null ? {} : { id });
    return bar;
  }

  /** A bar of one event opens it, one of several narrows the list to them, and so does the hour beside. */
  #clicked({ target, clientX }) {
    const track = target.closest(".day-track");
    const { id, after, before } = target.dataset;
    if (id) {
      this.dispatchEvent(new CustomEvent("open", { detail: id }));
    } else if (after) {
      const detail = { after: Math.floor(Number(after)), before: Math.ceil(Number(before)) + this.step };
      this.dispatchEvent(new CustomEvent("narrow", { detail }));
    } else if (track) {
      const at = this.#stretch.at(track, clientX);
      const hour = [...this.#hours.children].find(({ dataset }) => Number(dataset.after) <= at && at < Number(dataset.before));
      this.#chose(hour);
    }
  }
}

function counted(camera) {
  const { events = 0, alerts = 0 } = camera ?? {};
  const all = events === 1 ? "1 event" : `${events || "no"} events`;
  return alerts ? `${all}, ${alerts === 1 ? "1 alert" : `${alerts} alerts`}` : all;
}
