// One event, large.

import { duration, exactTime } from "./time.js";
import { capitalised, eventIcon, eventTitle, spoken } from "./wording.js";

const part = (name) => document.getElementById(`viewer-${name}`);

export class Viewer {
  #dialog = document.getElementById("viewer");
  #feed;
  #event = null;

  constructor(feed) {
    this.#feed = feed;
    feed.addEventListener("open", ({ detail }) => this.open(detail));
    feed.addEventListener("changed", ({ detail }) => detail.id === this.#event?.id && this.#render(detail));
    part("newer").addEventListener("click", () => this.#step(-1));
    part("older").addEventListener("click", () => this.#step(1));
    part("close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => (this.#event = null));
    this.#dialog.addEventListener("click", ({ target }) => target === this.#dialog && this.#dialog.close());
    this.#dialog.addEventListener("keydown", ({ key }) => this.#step({ ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0));
  }

  open(event) {
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
    const events = this.#feed.events;
    return events[events.findIndex(({ id }) => id === this.#event?.id) + by];
  }

  #render(event) {
    this.#event = event;
    this.#dialog.dataset.severity = event.severity;
    part("title").textContent = eventTitle(event);
    part("detail").textContent = this.#feed.detailOf(event);
    part("facts").replaceChildren(...facts(event).map(([name, value]) => fact(name, value)));
    part("newer").disabled = !this.#neighbour(-1);
    part("older").disabled = !this.#neighbour(1);
    const address = this.#feed.pictureOf(event);
    part("picture").replaceChildren(address ? picture(address, eventTitle(event)) : noPicture(event));
  }
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
