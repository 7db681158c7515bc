// The running list of events: the latest on top, changed in place, never longer than it may be.

import { get, snapshotPath } from "./api.js";
import { settings } from "./settings.js";
import { exactTime, relativeTime } from "./time.js";
import { eventDetail, eventIcon, eventTitle } from "./wording.js";

const LONGEST = 100;
const RETRY_MS = 3000;
const TELL_TIME_EVERY_MS = 10_000;

/**
 * Fires `open` with detail: the event that was clicked; `added` and `changed` with detail: the event. Of all events,
 * also those that are not in the list, `happened` with detail: the event, and `deleted` with detail: its id; `loaded`
 * when changes may have been missed.
 */
export class Feed extends EventTarget {
  #list = document.getElementById("feed");
  #empty = document.getElementById("feed-empty");
  #template = document.getElementById("event-template");
  #entries = new Map();
  #stream = null;
  #retry = null;
  #loading = null;
  #seq = 0;
  #camera = null;
  #titleOf;

  /** `titleOf` says what to call a camera. */
  constructor(titleOf) {
    super();
    this.#titleOf = titleOf;
    setInterval(() => this.#tellTimes(), TELL_TIME_EVERY_MS);
    settings.addEventListener("change", ({ detail }) => detail.name === "severity" && this.#reload());
  }

  /** The events in the list, newest first. */
  get events() {
    return [...this.#entries.values()].map(({ event }) => event).sort(newestFirst);
  }

  /** Only what happens on this camera; null means all. */
  set camera(name) {
    if (name !== this.#camera) {
      this.#camera = name;
      this.#reload();
    }
  }

  /** Takes the list anew, then follows what changes; rejects with an ApiError. The last call wins. */
  async load() {
    this.close();
    const loading = (this.#loading = Symbol("loading"));
    const query = new URLSearchParams({ limit: LONGEST });
    if (settings.get("severity") === "alert") {
      query.set("severity", "alert");
    }
    if (this.#camera) {
      query.set("camera", this.#camera);
    }
    const { events, seq } = await get(`/api/v1/events?${query}`);
    if (loading !== this.#loading) {
      return;
    }
    this.#entries.clear();
    this.#list.replaceChildren();
    for (const event of events.reverse()) {
      this.#put(event);
    }
    this.#seq = seq;
    this.#follow();
    this.#tellEmpty();
    this.dispatchEvent(new CustomEvent("loaded"));
  }

  close() {
    clearTimeout(this.#retry);
    this.#stream?.close();
    this.#stream = null;
  }

  /** The address of an event's picture: its own, or that of the object it is about; null where there is none. */
  pictureOf(event) {
    const owner = event.has_snapshot ? event : this.#entries.get(event.object_id)?.event;
    return owner?.has_snapshot ? `${snapshotPath(owner.id)}?v=${owner.state}-${owner.score ?? 0}` : null;
  }

  detailOf(event) {
    return eventDetail(event, this.#titleOf(event.camera));
  }

  /** Whether the server is away is for those to say who ask it all the time. */
  #reload() {
    this.load().catch(() => this.close());
  }

  #follow() {
    this.#stream = new EventSource(`/api/v1/events/stream?after=${this.#seq}`);
    this.#stream.addEventListener("event", ({ data, lastEventId }) => {
      this.#seq = Number(lastEventId);
      this.#happened(JSON.parse(data));
    });
    this.#stream.addEventListener("deleted", ({ data, lastEventId }) => {
      this.#seq = Number(lastEventId);
      this.#deleted(JSON.parse(data).id);
    });
    this.#stream.addEventListener("error", ({ target }) => {
      if (target.readyState === EventSource.CLOSED && target === this.#stream) {
        this.#retry = setTimeout(() => this.#reload(), RETRY_MS);
      }
    });
  }

  #deleted(id) {
    this.#entries.get(id)?.element.remove();
    this.#entries.delete(id);
    this.#tellEmpty();
    this.dispatchEvent(new CustomEvent("deleted", { detail: id }));
  }

  #happened(event) {
    this.dispatchEvent(new CustomEvent("happened", { detail: event }));
    const isOther = this.#camera && event.camera !== this.#camera;
    if (isOther || (settings.get("severity") === "alert" && event.severity !== "alert")) {
      return;
    }
    const isNew = this.#put(event);
    this.#entries.get(event.id)?.element.classList.toggle("fresh", isNew);
    this.#tellEmpty();
    this.dispatchEvent(new CustomEvent(isNew ? "added" : "changed", { detail: event }));
  }

  /** True when it was not in the list before. */
  #put(event) {
    const known = this.#entries.get(event.id);
    const entry = known ?? this.#create(event);
    entry.event = event;
    this.#render(entry);
    if (event.type === "object") {
      this.#renderThoseAbout(event);
    }
    return !known;
  }

  #create(event) {
    const element = this.#template.content.firstElementChild.cloneNode(true);
    const entry = { element, event };
    element.dataset.id = event.id;
    element.querySelector("button").addEventListener("click", () =>
      this.dispatchEvent(new CustomEvent("open", { detail: entry.event })),
    );
    this.#entries.set(event.id, entry);
    const older = [...this.#list.children].find((other) => newestFirst(event, this.#entries.get(other.dataset.id).event) < 0);
    this.#list.insertBefore(element, older ?? null);
    if (this.#list.children.length > LONGEST) {
      this.#entries.delete(this.#list.lastElementChild.dataset.id);
      this.#list.lastElementChild.remove();
    }
    return entry;
  }

  #render({ element, event }) {
    element.dataset.severity = event.severity;
    element.dataset.state = event.state;
    element.querySelector(".event-title").textContent = eventTitle(event);
    element.querySelector(".event-detail").textContent = this.detailOf(event);
    element.querySelector(".event-severity").hidden = event.severity !== "alert";
    this.#renderTime(element, event);
    this.#renderPicture(element, event);
  }

  #renderTime(element, event) {
    const time = element.querySelector("time");
    time.dateTime = new Date(event.started_at * 1000).toISOString();
    time.title = exactTime(event.started_at);
    time.textContent = relativeTime(event.started_at, Date.now() / 1000);
  }

  #renderPicture(element, event) {
    const frame = element.querySelector(".event-picture");
    const address = this.pictureOf(event);
    const shown = frame.querySelector("img");
    if (!address) {
      frame.querySelector("use")?.setAttribute("href", `/static/icons.svg#${eventIcon(event)}`);
    } else if (shown) {
      shown.src = address;
    } else {
      frame.replaceChildren(Object.assign(document.createElement("img"), { src: address, alt: "", loading: "lazy" }));
    }
  }

  #renderThoseAbout(object) {
    for (const { element, event } of this.#entries.values()) {
      if (event.object_id === object.id && event !== object) {
        this.#renderPicture(element, event);
      }
    }
  }

  #tellTimes() {
    for (const { element, event } of this.#entries.values()) {
      this.#renderTime(element, event);
    }
  }

  #tellEmpty() {
    this.#empty.hidden = this.#entries.size > 0;
    this.#empty.textContent =
      settings.get("severity") === "alert" ? "No alerts so far." : "Nothing has happened so far. What does appears here.";
  }
}

const newestFirst = (one, other) => other.started_at - one.started_at || (other.id > one.id ? 1 : -1);
