// The events of the list: page by page, changed in place, and which of them are selected.

import { snapshotPath } from "../api.js";
import { eventDetail } from "../wording.js";
import { createCard, renderCard, renderCardPicture } from "./card.js";
import { Past } from "./past.js";
import { fits } from "./query.js";

const MOST_ADDED = 500; // then the list begins anew, so that a page that is open for days does not grow without end
const ACTIONS = { r: "review", p: "pin", Delete: "delete" };

/** Fires `open` with detail: the event; `pick` when the selection changes; `do` with detail `{ action, event }`; `full`. */
export class Cards extends EventTarget {
  #list = document.getElementById("cards");
  #more = document.getElementById("cards-more");
  #end = document.getElementById("cards-end");
  #past = new Past();
  #titleOf;
  #entries = new Map();
  #picked = new Set();
  #filters = {};
  #meanwhile = [];
  #added = 0;
  #sight;

  /** `titleOf` says what to call a camera. */
  constructor(titleOf) {
    super();
    this.#titleOf = titleOf;
    this.#list.addEventListener("click", ({ target }) => this.#clicked(target));
    this.#list.addEventListener("change", ({ target }) => this.#pick(target.closest(".card").dataset.id, target.checked));
    this.#list.addEventListener("keydown", (event) => this.#pressed(event));
    this.#more.addEventListener("click", () => this.#loadMore());
    this.#sight = new IntersectionObserver((seen) => seen.at(-1).isIntersecting && this.#loadMore());
    this.#sight.observe(this.#more);
  }

  /** The events in the list, newest first. */
  get events() {
    return [...this.#entries.values()].map(({ event }) => event).sort(newestFirst);
  }

  get picked() {
    return this.events.filter(({ id }) => this.#picked.has(id));
  }

  set picked(ids) {
    this.#picked = new Set(ids);
    for (const [id, { element }] of this.#entries) {
      element.querySelector("input").checked = this.#picked.has(id);
    }
    this.dispatchEvent(new CustomEvent("pick"));
  }

  /** Takes the list anew; `filters` must be those of `query`. Rejects with an ApiError; the last call wins. */
  async load(query, filters) {
    this.#filters = filters;
    const events = await this.#past.first(query);
    if (events) {
      const wanted = new Set(events.map(({ id }) => id));
      [...this.#entries.keys()].filter((id) => !wanted.has(id)).forEach((id) => this.remove(id)); // the others keep the focus
      this.#added = 0;
      this.#show(events);
    }
  }

  /** What the stream says has changed: comes in, changes or goes, as the filters say. */
  happened(event) {
    this.#afterLoading(() => this.happened(event));
    if (this.#past.objects.has(event.id)) {
      this.#past.objects.set(event.id, event);
      this.#renderThoseAbout(event);
    }
    const isIn = this.#entries.has(event.id);
    if (!this.#isWanted(event)) {
      this.remove(event.id);
    } else if (isIn || this.#reachesBackTo(event)) {
      this.#put(event);
      this.#findObject(event);
      this.#entries.get(event.id).element.classList.toggle("fresh", !isIn);
      this.#tellEnd();
      this.#countAdded(isIn ? 0 : 1);
    }
  }

  remove(id) {
    this.#afterLoading(() => this.remove(id));
    const entry = this.#entries.get(id);
    if (!entry) {
      return;
    }
    const neighbour = entry.element.nextElementSibling ?? entry.element.previousElementSibling;
    const hadFocus = entry.element.contains(document.activeElement);
    entry.element.remove();
    this.#entries.delete(id);
    if (hadFocus) {
      (neighbour?.querySelector("button") ?? document.getElementById("events-page-title")).focus();
    }
    if (this.#picked.delete(id)) {
      this.dispatchEvent(new CustomEvent("pick"));
    }
    this.#tellEnd();
  }

  /** The address of an event's picture: its own, or that of the object it is about; null where there is none. */
  pictureOf(event) {
    const object = this.#entries.get(event.object_id)?.event ?? this.#past.objects.get(event.object_id);
    const owner = event.has_snapshot ? event : object;
    return owner?.has_snapshot ? `${snapshotPath(owner.id)}?v=${owner.state}-${owner.score ?? 0}` : null;
  }

  detailOf(event) {
    return eventDetail(event, this.#titleOf(event.camera));
  }

  #isWanted(event) {
    const after = Number(this.#past.query.get("after"));
    const before = Number(this.#past.query.get("before") ?? Infinity);
    return fits(event, this.#filters) && event.started_at >= after && event.started_at < before;
  }

  /** A list that is on its way may not know of it yet. */
  #afterLoading(change) {
    if (this.#past.isLoading) {
      this.#meanwhile.push(change);
    }
  }

  #reachesBackTo(event) {
    const oldest = this.#entries.get(this.#list.lastElementChild?.dataset.id)?.event;
    return !this.#past.hasMore || (oldest !== undefined && newestFirst(event, oldest) < 0);
  }

  #countAdded(more) {
    this.#added += more;
    if (this.#added > MOST_ADDED) {
      this.#added = 0;
      this.dispatchEvent(new CustomEvent("full"));
    }
  }

  async #loadMore() {
    if (!this.#past.hasMore || this.#past.isLoading) {
      return;
    }
    try {
      const events = await this.#past.more(new Set(this.#entries.keys()));
      if (events) {
        this.#show(events);
        this.#sight.unobserve(this.#more);
        this.#sight.observe(this.#more); // tells again where it is still in sight
      }
    } catch (error) {
      this.#more.textContent = `More (${error.message})`;
    }
  }

  async #findObject(event) {
    const known = new Set(this.#entries.keys());
    const objects = await this.#past.findObjects([event], known).catch(() => []); // an icon stands in for its picture then
    objects.forEach((object) => this.#renderThoseAbout(object));
  }

  #show(events) {
    this.#more.textContent = "More";
    this.#more.hidden = !this.#past.hasMore;
    events.forEach((event) => this.#put(event));
    this.#meanwhile.splice(0).forEach((change) => change());
    this.#tellEnd();
  }

  #put(event) {
    const entry = this.#entries.get(event.id) ?? this.#create(event);
    entry.event = event;
    renderCard(entry.element, event, this.detailOf(event));
    renderCardPicture(entry.element, event, this.pictureOf(event));
    if (event.type === "object") {
      this.#renderThoseAbout(event);
    }
  }

  #renderThoseAbout(object) {
    for (const { element, event } of this.#entries.values()) {
      if (event.object_id === object.id && event.id !== object.id) {
        renderCardPicture(element, event, this.pictureOf(event));
      }
    }
  }

  #create(event) {
    const entry = { element: createCard(event), event };
    const isOlder = (card) => newestFirst(event, this.#entries.get(card.dataset.id).event) < 0;
    const last = this.#list.lastElementChild;
    const older = last && isOlder(last) ? [...this.#list.children].find(isOlder) : null;
    this.#entries.set(event.id, entry);
    this.#list.insertBefore(entry.element, older);
    return entry;
  }

  #tellEnd() {
    const count = this.#entries.size;
    this.#end.hidden = this.#past.hasMore;
    this.#end.textContent = count ? `${count === 1 ? "1 event" : `All ${count} events`} of this time.` : "Nothing that fits happened in this time.";
  }

  #clicked(target) {
    const card = target.closest(".card-open")?.closest(".card");
    if (card) {
      this.dispatchEvent(new CustomEvent("open", { detail: this.#entries.get(card.dataset.id).event }));
    }
  }

  #pick(id, isPicked) {
    this.#picked[isPicked ? "add" : "delete"](id);
    this.dispatchEvent(new CustomEvent("pick"));
  }

  #pressed({ key, target, ctrlKey, metaKey, altKey }) {
    const card = target.closest(".card");
    if (ctrlKey || metaKey || altKey) {
      return;
    }
    if (key === "x") {
      card.querySelector("input").click();
    } else if (key in ACTIONS) {
      const detail = { action: ACTIONS[key], event: this.#entries.get(card.dataset.id).event };
      this.dispatchEvent(new CustomEvent("do", { detail }));
    }
  }
}

const newestFirst = (one, other) => other.started_at - one.started_at || (other.id > one.id ? 1 : -1);
