// One event, large.

import { clipPath, get, snapshotPath } from "./api.js";
import { createClip } from "./clip.js";
import { pin, remove, review } from "./events/edits.js";
import { about } from "./events/why.js";
import { dayAt } from "./days.js";
import { hashOf } from "./recordings/address.js";
import { clockTime, duration, exactTime } from "./time.js";
import { capitalised, eventIcon, eventTitle, spoken } from "./wording.js";

const AROUND_S = 2;
const CLIPS = { pending: "in progress", failed: "could not be made" };

const part = (name) => document.getElementById(`viewer-${name}`);

export class Viewer {
  #dialog = document.getElementById("viewer");
  #feed;
  #source;
  #event = null;
  #shown = null;

  constructor(feed) {
    this.#feed = this.#source = feed;
    feed.addEventListener("open", ({ detail }) => this.open(detail));
    feed.addEventListener("happened", ({ detail }) => detail.id === this.#event?.id && this.#render(detail));
    feed.addEventListener("deleted", ({ detail }) => detail === this.#event?.id && this.#dialog.close());
    part("reviewed").addEventListener("click", () => this.#do(() => review([this.#event], !this.#event.reviewed)));
    part("pinned").addEventListener("click", () => this.#do(() => pin([this.#event], !this.#event.pinned)));
    part("delete").addEventListener("click", () => this.#do(() => remove([this.#event])));
    part("newer").addEventListener("click", () => this.#step(-1));
    part("older").addEventListener("click", () => this.#step(1));
    part("close").addEventListener("click", () => this.#dialog.close());
    part("recording").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#forget());
    this.#dialog.addEventListener("click", ({ target }) => target === this.#dialog && this.#dialog.close());
    this.#dialog.addEventListener("keydown", ({ key, target }) => {
      if (!target.closest("video")) { // there the arrows are for the time
        this.#step({ ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0);
      }
    });
  }

  /** `source` is where the event is one of several: it has `events`, newest first, `detailOf` and `pictureOf`. */
  open(event, source = this.#feed) {
    this.#source = source;
    this.#render(event);
    if (!this.#dialog.open) {
      this.#dialog.showModal();
    }
  }

  #forget() {
    this.#event = this.#shown = null;
    part("picture").replaceChildren(); // a clip goes on playing otherwise
  }

  #step(by) {
    const next = by && this.#neighbour(by);
    if (next) {
      this.#render(next);
    }
  }

  #neighbour(by) {
    const events = this.#source.events;
    return events[events.findIndex(({ id }) => id === this.#event?.id) + by];
  }

  async #do(edit) {
    const event = this.#event;
    const problem = await edit().then(() => "", (error) => `That did not work: ${error.message}.`);
    if (event.id === this.#event?.id) {
      part("trouble").textContent = problem;
    }
  }

  #render(event) {
    if (event.id !== this.#event?.id) {
      part("trouble").textContent = "";
      part("recording").hidden = true;
    }
    if (event.id !== this.#event?.id || event.clip !== this.#event.clip) {
      this.#findRecording(event);
    }
    this.#event = event;
    this.#dialog.dataset.severity = event.severity;
    part("title").textContent = eventTitle(event);
    part("detail").textContent = this.#source.detailOf(event);
    part("facts").replaceChildren(...facts(event).map(([name, value]) => fact(name, value)));
    part("newer").disabled = !this.#neighbour(-1);
    part("older").disabled = !this.#neighbour(1);
    const address = this.#source.pictureOf(event);
    this.#renderPicture(event, address);
    about(event);
    this.#renderActions(event, address);
  }

  /** Leads to the moment at which it began, where that was recorded. */
  async #findRecording({ id, camera, started_at: at }) {
    const query = new URLSearchParams({ camera, after: at, before: at + AROUND_S });
    const { recordings } = await get(`/api/v1/recordings?${query}`).catch(() => ({ recordings: [] })); // it is not offered then
    if (id === this.#event?.id && recordings.length > 0) {
      part("recording").href = hashOf({ at: Math.max(at, recordings[0].started_at), cameras: [camera] });
      part("recording").hidden = false;
    }
  }

  /** A clip that somebody is watching stays, whatever else changes. */
  #renderPicture(event, address) {
    const shown = event.clip === "ready" ? clipPath(event.id) : `${event.id} ${address}`;
    if (shown === this.#shown) {
      return;
    }
    this.#shown = shown;
    if (event.clip === "ready") {
      part("picture").replaceChildren(createClip(event, address, eventTitle(event), (problem) => {
        if (this.#shown === shown) {
          part("trouble").textContent = problem;
        }
      }));
    } else {
      part("picture").replaceChildren(address ? picture(address, eventTitle(event)) : noPicture(event));
    }
  }

  #renderActions(event, address) {
    part("save").hidden = address === null;
    part("save").href = snapshotPath(event.id);
    part("save").download = `${fileName(event)}.jpg`;
    part("clip").hidden = event.clip !== "ready";
    part("clip").href = clipPath(event.id);
    part("clip").download = `${fileName(event)}.mp4`;
    part("json").href = `/api/v1/events/${encodeURIComponent(event.id)}`;
    part("json").download = `${fileName(event)}.json`;
    const mark = event.reviewed ? "Reviewed: mark as not reviewed" : "Mark as reviewed";
    Object.assign(part("reviewed"), { title: mark, ariaLabel: mark });
    part("reviewed").setAttribute("aria-pressed", String(event.reviewed));
    const keep = event.pinned ? "Pinned: let it go when it gets old" : "Pin: keep it, however old it gets";
    Object.assign(part("pinned"), { title: keep, ariaLabel: keep });
    part("pinned").setAttribute("aria-pressed", String(event.pinned));
    part("delete").disabled = event.ended_at === null;
    part("delete").title = event.ended_at === null ? "It can be deleted once it has ended" : "Delete";
  }
}

function fileName({ camera, type, label, started_at }) {
  const when = `${dayAt(started_at)} ${clockTime(started_at)}`;
  return [camera, label ?? type, when].join(" ").replaceAll(/[^\p{L}\p{N}_-]+/gu, "-");
}

function facts(event) {
  const found = [["Time", exactTime(event.started_at)]];
  if (event.ended_at !== null && event.ended_at - event.started_at >= 1) {
    found.push(["Duration", duration(event.ended_at - event.started_at)]);
  }
  if (event.score !== null) {
    found.push(["Confidence", `${Math.round(100 * event.score)}%`]);
  }
  for (const [name, value] of Object.entries(event.attributes)) {
    found.push([capitalised(spoken(name)), String(value)]);
  }
  if (event.clip in CLIPS) {
    found.push(["Recording", CLIPS[event.clip]]);
  }
  if (event.rules.length) {
    found.push(["Alert", event.rules.join(", ")]);
  }
  return found;
}

function fact(name, value) {
  const both = document.createElement("div");
  both.append(element("dt", name), element("dd", value));
  return both;
}

function element(name, text) {
  return Object.assign(document.createElement(name), { textContent: text });
}

function picture(address, alt) {
  return Object.assign(document.createElement("img"), { src: address, alt });
}

function noPicture(event) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/icons.svg#${eventIcon(event)}`);
  svg.append(use);
  return svg;
}
