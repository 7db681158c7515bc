// What was seen but never believed, so that no event and no alert came of it: the latest of it, and why.

import { get } from "../api.js";
import { hashOf } from "../recordings/address.js";
import { fill } from "../table.js";
import { duration, exactTime } from "../time.js";
import { capitalised, spoken } from "../wording.js";

const A_TIME = 20;
const MOST = 500;
const LONGEST_LIST_S = 7 * 86_400;
const FRESH_S = 300;
const COLUMNS = [["When"], ["Why no event"], ["Object"], ["Camera"], ["Certainty", "number"], ["Rules not asked"], ["Recording"]];
const REASONS = { unsure: ["looks", "threshold", "min_score"], filtered: ["min_area", "max_area", "min_ratio", "max_ratio", "mask"] };
const NOTHING = "Nothing of that kind was seen.";
const WATCH = "Watch";
const byId = (id) => document.getElementById(id);

export class Glimpses {
  #form = byId("glimpses-filters");
  #table = byId("glimpses-table");
  #older = byId("glimpses-older");
  #titleOf;
  #limit = A_TIME;
  #recorded = new Map();
  #asked = "";

  /** `titleOf` says what to call a camera, `polled` asks again at once. */
  constructor(titleOf, polled) {
    this.#titleOf = titleOf;
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("change", () => {
      this.#limit = A_TIME;
      polled();
    });
    this.#older.addEventListener("click", () => {
      this.#limit = Math.min(MOST, this.#limit + A_TIME);
      polled();
    });
  }

  async ask() {
    const { glimpses, next } = await get(`/api/v1/glimpses?${this.#query()}`);
    await this.#findRecordings(glimpses);
    this.#offerCameras(glimpses);
    fill(this.#table, COLUMNS, glimpses.map((glimpse) => this.#row(glimpse)), NOTHING);
    glimpses.forEach((glimpse, at) => showLink(this.#table.tBodies[0].rows[at].cells[6], glimpse, this.#recorded.get(glimpse.id)));
    this.#older.hidden = next === null || this.#limit === MOST;
  }

  #query() {
    const { camera, reason, before } = Object.fromEntries(new FormData(this.#form));
    const query = new URLSearchParams({ limit: this.#limit });
    if (camera) {
      query.set("camera", camera);
    }
    (REASONS[reason] ?? []).forEach((one) => query.append("reason", one));
    if (before) {
      query.set("before", new Date(before).getTime() / 1000);
    }
    return query;
  }

  #row({ id, first_seen_at, last_seen_at, camera, label, score, zones, why, rules }) {
    const long = last_seen_at - first_seen_at;
    const when = long >= 1 ? `${exactTime(first_seen_at)}, for ${duration(long)}` : exactTime(first_seen_at);
    const what = [capitalised(spoken(label)), ...zones.map((zone) => `in ${spoken(zone)}`)].join(", ");
    return [when, why, what, this.#titleOf(camera), `${Math.round(100 * score)}%`, rules.join(", ") || "–", this.#recorded.get(id) ? WATCH : "–"];
  }

  #offerCameras(glimpses) {
    const select = this.#form.elements.camera;
    const known = new Set([...select.options].map(({ value }) => value));
    for (const { camera } of glimpses) {
      if (!known.has(camera)) {
        known.add(camera);
        select.append(new Option(this.#titleOf(camera), camera));
      }
    }
  }

  /** Asks again where something of them is new, or may not be in a file yet. */
  async #findRecordings(glimpses) {
    const now = Date.now() / 1000;
    const fresh = glimpses.some((glimpse) => now - glimpse.last_seen_at < FRESH_S && !this.#recorded.get(glimpse.id));
    const ids = glimpses.map(({ id }) => id).join();
    if (glimpses.length === 0 || (ids === this.#asked && !fresh)) {
      return;
    }
    const before = Math.max(...glimpses.map(({ last_seen_at }) => last_seen_at)) + 1;
    const after = Math.max(before - LONGEST_LIST_S, Math.min(...glimpses.map(({ first_seen_at }) => first_seen_at)));
    const { recordings } = await get(`/api/v1/recordings?${new URLSearchParams({ after, before })}`);
    this.#asked = ids;
    this.#recorded = new Map(glimpses.map((glimpse) => [glimpse.id, recordings.find((span) => shows(span, glimpse))]));
  }
}

const shows = ({ camera, started_at, ended_at }, glimpse) => camera === glimpse.camera && started_at <= glimpse.last_seen_at && ended_at > glimpse.first_seen_at;

function showLink(cell, { camera, first_seen_at }, recording) {
  if (!recording) {
    return;
  }
  const href = hashOf({ at: Math.max(first_seen_at, recording.started_at), cameras: [camera] });
  if (cell.firstElementChild?.getAttribute("href") !== href) {
    const link = Object.assign(document.createElement("a"), { href, textContent: WATCH });
    link.ariaLabel = `Watch ${exactTime(first_seen_at)}`;
    cell.replaceChildren(link);
  }
}
