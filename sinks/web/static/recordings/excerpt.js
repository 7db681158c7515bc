// A part of the day that somebody marks, and downloads.

import { dayAt } from "../days.js";
import { element } from "../stretch.js";
import { WORDS } from "./words.js";

const LONGEST_S = 3600; // more at once the server refuses
const byId = (id) => document.getElementById(`excerpt-${id}`);

/** Fires `change` when something else is marked, and `save` with detail: what to say of a download that begins. */
export class Excerpt extends EventTarget {
  #start = null;
  #end = null;
  #links = byId("links");

  constructor() {
    super();
    byId("clear").addEventListener("click", () => {
      this.#mark(null, null);
      document.getElementById("recordings-start").focus(); // the button that was pressed has gone
    });
    this.#links.addEventListener("click", ({ target }) => {
      if (target.closest("a")) {
        this.dispatchEvent(new CustomEvent("save", { detail: WORDS.saving }));
      }
    });
  }

  /** From when to when, which are the same while only one of them is marked; null where nothing is. */
  get span() {
    const [start, end] = [this.#start ?? this.#end, this.#end ?? this.#start];
    return start === null ? null : { start, end };
  }

  get #isWhole() {
    return this.#start !== null && this.#end !== null;
  }

  begin(at) {
    this.#mark(at, this.#end !== null && this.#end > at ? this.#end : null);
  }

  end(at) {
    this.#mark(this.#start !== null && this.#start < at ? this.#start : null, at);
  }

  /** `cameras` are `{ name, title, footage }`, those that are shown; `day` is what is known of recordings. */
  show(cameras, day) {
    const isTooLong = this.#isWhole && this.#end - this.#start > LONGEST_S;
    const savable = this.#isWhole && !isTooLong ? cameras.filter(({ footage }) => this.#hasAny(footage, day)) : [];
    this.#say(this.#words(isTooLong, savable.length === 0));
    byId("clear").hidden = this.span === null;
    const key = JSON.stringify([this.span, savable.map(({ name, title }) => [name, title])]);
    if (this.#links.dataset.shown !== key) {
      this.#links.dataset.shown = key;
      this.#links.replaceChildren(...savable.map((camera) => this.#link(camera, savable.length === 1)));
    }
  }

  /** Once: it is read aloud each time that it is written. */
  #say(words) {
    if (byId("said").textContent !== words) {
      byId("said").textContent = words;
    }
  }

  #words(isTooLong, isEmpty) {
    if (this.span === null) {
      return WORDS.excerpt.none;
    }
    if (!this.#isWhole) {
      return this.#end === null ? WORDS.excerpt.from(this.#start) : WORDS.excerpt.until(this.#end);
    }
    const words = WORDS.excerpt.whole(this.#start, this.#end);
    return isTooLong ? WORDS.excerpt.tooLong(words) : isEmpty ? WORDS.excerpt.empty(words) : words;
  }

  /** Of a part that goes beyond the day nobody knows. */
  #hasAny(footage, day) {
    return !(day.has(this.#start) && day.has(this.#end)) || footage.secondsIn(this.span) > 0;
  }

  #link({ name, title }, isOnly) {
    const link = element("a", "button", isOnly ? WORDS.save : WORDS.saveOf(title));
    const query = new URLSearchParams({ after: this.#start.toFixed(3), before: this.#end.toFixed(3) });
    link.href = `/api/v1/recordings/${encodeURIComponent(name)}/clip.mp4?${query}`;
    link.download = `${name} ${dayAt(this.#start)} ${timeIn(this.#start)}.mp4`;
    return link;
  }

  #mark(start, end) {
    [this.#start, this.#end] = [start, end];
    this.dispatchEvent(new Event("change"));
  }
}

/** As a file's name may have it: `14.03.05`. */
const timeIn = (at) => new Date(at * 1000).toTimeString().slice(0, 8).replaceAll(":", ".");
