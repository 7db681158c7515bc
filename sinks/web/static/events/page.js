// The Events page: a day's timeline and its list; the address says which day and which events.

import { get } from "../api.js";
import { DayPicker } from "../day_picker.js";
import { stretchOf, today } from "../days.js";
import { Sheet } from "../sheet.js";
import { dayLong } from "../time.js";
import { Cards } from "./cards.js";
import { Day } from "./day.js";
import { pin, remove, review } from "./edits.js";
import { Filters } from "./filters.js";
import { apiQuery, hashOf, readHash } from "./query.js";

const TIMELINE_AFTER_MS = 1500;
const REST = 20; // a day that took long to read is read again after so many times as long
const TIMELINE_EVERY_MS = 60_000;
const EDITS = {
  delete: (event) => remove([event]),
  pin: (event) => pin([event], !event.pinned),
  review: (event) => review([event], !event.reviewed),
};
const byId = (id) => document.getElementById(id);

export class EventsPage {
  #sheet = new Sheet("events", "events-page", "Events");
  #dates = new DayPicker(byId("events-day"));
  #titleOf;
  #day = new Day();
  #filters;
  #cards;
  #cameras = [];
  #overview = [];
  #wanted = readHash("");
  #timer = null;
  #dueAt = Infinity;
  #restMs = TIMELINE_AFTER_MS;
  #turn = 0;

  /** `titleOf` says what to call a camera; `feed` follows what happens, and `viewer` shows one event. */
  constructor(titleOf, feed, viewer) {
    this.#titleOf = titleOf;
    this.#filters = new Filters(titleOf);
    this.#cards = new Cards(titleOf);
    this.#filters.addEventListener("change", ({ detail }) => this.#go({ filters: detail }));
    this.#day.addEventListener("narrow", ({ detail }) => this.#go(detail ?? { after: null, before: null }));
    this.#day.addEventListener("open", ({ detail }) => this.#open(detail, viewer));
    this.#cards.addEventListener("open", ({ detail }) => viewer.open(detail, this.#cards));
    this.#cards.addEventListener("pick", () => this.#showPicked());
    this.#cards.addEventListener("full", () => this.#load());
    this.#cards.addEventListener("do", ({ detail: { action, event } }) => this.#do(() => EDITS[action](event)));
    feed.addEventListener("happened", ({ detail }) => this.#happened(() => this.#cards.happened(detail)));
    feed.addEventListener("deleted", ({ detail }) => this.#happened(() => this.#cards.remove(detail)));
    feed.addEventListener("loaded", () => this.shown && this.#load());
    this.#sheet.addEventListener("address", () => this.#load());
    this.#listen();
  }

  get shown() {
    return this.#sheet.shown;
  }

  set shown(shown) {
    this.#sheet.shown = shown;
    if (shown) {
      this.#load();
    } else {
      clearTimeout(this.#timer);
      this.#turn += 1;
    }
  }

  /** As the API tells of them. */
  set cameras(cameras) {
    const names = cameras.map(({ name }) => name);
    const changed = names.join("\n") !== this.#cameras.join("\n");
    this.#cameras = names;
    if (changed && this.shown) {
      this.#showOverview();
    }
  }

  #listen() {
    const show = (day) => this.#go({ day, after: null, before: null });
    this.#dates.addEventListener("step", ({ detail }) => show(detail >= today() ? null : detail));
    this.#dates.addEventListener("pick", ({ detail }) => show(detail));
    byId("day-now").addEventListener("click", () => show(null));
    byId("pick-all").addEventListener("click", () => (this.#cards.picked = this.#cards.events.map(({ id }) => id)));
    byId("picked-clear").addEventListener("click", () => this.#unpick());
    byId("picked-review").addEventListener("click", () => this.#doToAll((picked) => review(picked, true)));
    byId("picked-unreview").addEventListener("click", () => this.#doToAll((picked) => review(picked, false)));
    byId("picked-delete").addEventListener("click", () => this.#doToAll(remove));
  }

  /** Every choice is an address: it can be linked, and the browser's back leads to the one before. */
  #go(change) {
    byId("events-said").textContent = "";
    location.hash = hashOf({ ...this.#wanted, ...change });
  }

  async #load() {
    const turn = (this.#turn += 1);
    this.#wanted = readHash(location.hash);
    const { after, before, filters } = this.#wanted;
    const stretch = stretchOf(this.#wanted);
    const chosen = after === null ? null : { after, before };
    this.#filters.show(filters);
    this.#day.frame(stretch, chosen);
    this.#tellWhen(stretch);
    const list = this.#cards.load(this.#listQuery(chosen, stretch), filters);
    await this.#telling(Promise.all([list, this.#loadOverview(), this.#filters.load()]), turn);
  }

  /** Of the last 24 hours the list goes on into the next. */
  #listQuery(chosen, stretch) {
    const query = apiQuery(this.#wanted, chosen ? { start: chosen.after, end: chosen.before } : stretch);
    if (chosen === null && stretch.day === null) {
      query.delete("before");
    }
    return query;
  }

  async #loadOverview() {
    clearTimeout(this.#timer);
    this.#dueAt = Infinity;
    const turn = this.#turn;
    const stretch = stretchOf(this.#wanted);
    const query = apiQuery(this.#wanted, stretch);
    query.set("step", this.#day.step);
    const began = performance.now();
    try {
      const { cameras } = await get(`/api/v1/events/overview?${query}`);
      if (turn === this.#turn) {
        this.#overview = cameras;
        this.#day.frame(stretch, this.#wanted.after === null ? null : this.#wanted);
        this.#showOverview();
      }
    } finally {
      if (turn === this.#turn && this.shown) {
        this.#restMs = Math.min(TIMELINE_EVERY_MS, Math.max(TIMELINE_AFTER_MS, REST * (performance.now() - began)));
        this.#overviewIn(TIMELINE_EVERY_MS);
      }
    }
  }

  /** At the latest: where things happen all the time they do not put it off. */
  #overviewIn(ms) {
    const dueAt = performance.now() + ms;
    if (dueAt < this.#dueAt) {
      clearTimeout(this.#timer);
      this.#dueAt = dueAt;
      this.#timer = setTimeout(() => this.#telling(this.#loadOverview(), this.#turn), ms);
    }
  }

  /** A row for each camera that is there, and for those that were. */
  #showOverview() {
    const { camera } = this.#wanted.filters;
    const known = [...new Set([...this.#cameras, ...this.#overview.map((each) => each.camera)])];
    const names = camera ? [camera] : known;
    this.#day.show(names.map((name) => ({ name, title: this.#titleOf(name) })), this.#overview);
  }

  #happened(change) {
    if (this.shown) {
      change();
      this.#overviewIn(this.#restMs);
    }
  }

  async #open(id, viewer) {
    await this.#telling(get(`/api/v1/events/${encodeURIComponent(id)}`).then((event) => viewer.open(event, this.#cards)), this.#turn);
  }

  /** Says what went wrong, until something goes well. */
  async #telling(work, turn) {
    const error = await work.then(() => null, (error) => error);
    if (turn === this.#turn) {
      this.#sheet.trouble = error ? `The events cannot be shown: ${error.message}.` : "";
    }
  }

  async #doToAll(edit) {
    if (await this.#do(() => edit(this.#cards.picked))) {
      this.#unpick();
    }
  }

  /** True where it was done. */
  async #do(edit) {
    const outcome = await edit().then((said) => said, (error) => error);
    if (outcome !== null) {
      byId("events-said").textContent = outcome instanceof Error ? `That did not work: ${outcome.message}.` : outcome;
    }
    return typeof outcome === "string";
  }

  #unpick() {
    this.#cards.picked = [];
    if (!document.activeElement?.checkVisibility() || document.activeElement === document.body) {
      byId("pick-all").focus();
    }
  }

  #showPicked() {
    const { length } = this.#cards.picked;
    byId("picked-count").textContent = length ? `${length} selected` : "";
    for (const name of ["picked-review", "picked-unreview", "picked-delete", "picked-clear"]) {
      byId(name).hidden = length === 0;
    }
  }

  #tellWhen({ start, day }) {
    byId("events-when").textContent = day === null ? "The last 24 hours" : dayLong(start);
    this.#dates.show(day ?? today());
    byId("day-now").setAttribute("aria-pressed", String(day === null));
  }
}
