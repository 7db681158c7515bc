// The day that is looked at, read again while it goes on.

import { dayAt, today } from "../days.js";

const AGAIN_MS = 10_000;

/** Fires `read` when there may be something new, and `failed` with detail: the ApiError. */
export class Reading extends EventTarget {
  #archive;
  #day = null;
  #name = null;
  #timer = null;
  #turn = 0;

  constructor(archive) {
    super();
    this.#archive = archive;
  }

  /** What was read last; null before that. */
  get day() {
    return this.#day;
  }

  /** Whether that moment's day is the one that is read. */
  isOf(at) {
    return dayAt(at) === this.#name;
  }

  /** Reads the day of a moment; the last call wins. */
  async read(at) {
    const turn = (this.#turn += 1);
    this.#name = dayAt(at);
    clearTimeout(this.#timer);
    const [day, error] = await this.#archive.day(this.#name).then((day) => [day, null], (error) => [null, error]);
    if (turn !== this.#turn) {
      return;
    }
    if (error || this.#name === today()) {
      this.#timer = setTimeout(() => this.read(at), AGAIN_MS);
    }
    this.#day = day ?? this.#day;
    this.dispatchEvent(error ? new CustomEvent("failed", { detail: error }) : new Event("read"));
  }

  stop() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#day = this.#name = null;
  }
}
