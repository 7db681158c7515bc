// One event, large.

import { snapshotPath } from "./api.js";
import { remove, review } from "./events/edits.js";
import { about } from "./events/why.js";
import { dayAt } from "./events/query.js";
import { clockTime, duration, exactTime } from "./time.js";
import { capitalised, eventIcon, eventTitle, spoken } from "./wording.js";

const part = (name) => document.getElementById(`viewer-${name}`);

export class Viewer {
  #dialog = document.getElementById("viewer");
  #feed;
  #source;
  #event = null;

  constructor(feed) {
    this.#feed = this.#source = feed;
    feed.addEventListener("open", ({ detail }) => this.open(detail));
    feed.addEventListener("happened", ({ detail }) => detail.id === this.#event?.id && this.#render(detail));
    feed.addEventListener("deleted", ({ detail }) => detail === this.#event?.id && this.#dialog.close());
    part("reviewed").addEventListener("click", () => this.#do(() => review([this.#event], !this.#event.reviewed)));
    part("delete").addEventListener("click", () => this.#do(() => remove([this.#event])));
    part("newer").addEventListener("click", () => this.#step(-1));
    part("older").addEventListener("click", () => this.#step(1));
    part("close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => (this.#event = null));
    this.#dialog.addEventListener("click", ({ target }) => target === this.#dialog && this.#dialog.close());
    this.#dialog.addEventListener("keydown", ({ key }) => this.#step({ ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0));
  }

  /** `source` is where the event is one of several: it has `events`, newest first, `detailOf` and `pictureOf`. */
  open(event, source = this.#feed) {
    this.#source = source;
    this.#render(event);
    if (!this.#dialog.open) {
      this.#dialog.showModal();
    }
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
    }
    this.#event = event;
    this.#dialog.dataset.severity = event.severity;
    part("title").textContent = eventTitle(event);
    part("detail").textContent = this.#source.detailOf(event);
    part("facts").replaceChildren(...facts(event).map(([name, value]) => fact(name, value)));
    part("newer").disabled = !this.#neighbour(-1);
    part("older").disabled = !this.#neighbour(1);
    const address = this.#source.pictureOf(event);
    part("picture").replaceChildren(address ? picture(address, eventTitle(event)) : noPicture(event));
    about(event);
    this.#renderActions(event, address);
  }

  #renderActions(event, address) {
    part("save").hidden = address === null;
    part("save").href = snapshotPath(event.id);
    part("save").download = `${fileName(event)}.jpg`;
    part("json").href = `/api/v1/events/${encodeURIComponent(event.id)}`;
    part("json").download = `${fileName(event)}.json`;
    const mark = event.reviewed ? "Reviewed: mark as not reviewed" : "Mark as reviewed";
    Object.assign(part("reviewed"), { title: mark, ariaLabel: mark });
    part("reviewed").setAttribute("aria-pressed", String(event.reviewed));
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
