// The end of the server's log: follows, unless it is paused or somebody has scrolled up.

import { get } from "./api.js";
import { fill } from "./table.js";
import { secondTime } from "./time.js";

const LINES = 200;
const COLUMNS = [["Time"], ["Level"], ["From"], ["Message"]];
const STATES = { WARNING: "waiting", ERROR: "bad", CRITICAL: "bad" };

export class LogTail {
  #table = document.querySelector('[data-table="log"]');
  #tail = document.getElementById("log-tail");
  #level = document.getElementById("log-level");
  #pause = document.getElementById("log-pause");
  #paused = false;

  constructor() {
    this.#level.addEventListener("change", () => this.#load().catch(() => {}));
    this.#pause.addEventListener("click", () => this.#toggle());
  }

  /** Rejects where the server does not answer. */
  async update() {
    if (!this.#paused) {
      await this.#load();
    }
  }

  async #load() {
    const level = this.#level.value;
    const { lines } = await get(`/api/v1/system/log?lines=${LINES}&level=${level}`);
    if (level !== this.#level.value) {
      return;
    }
    const follows = this.#tail.scrollHeight - this.#tail.scrollTop - this.#tail.clientHeight < 24;
    const rows = lines.map(({ at, level, logger, message }) => [
      secondTime(at),
      { text: level.toLowerCase(), state: STATES[level] ?? "" },
      logger,
      message,
    ]);
    fill(this.#table, COLUMNS, rows, "Nothing was logged at this level.");
    if (follows) {
      this.#tail.scrollTop = this.#tail.scrollHeight;
    }
  }

  #toggle() {
    this.#paused = !this.#paused;
    this.#pause.setAttribute("aria-pressed", String(this.#paused));
    this.update().catch(() => {});
  }
}
