// Whether a viewer's line takes the large stream, by what the browser counts as lost on the way.

const LOSSY = 0.04;
const TIMES_IN_A_ROW = 3; // one burst is no poor line
const MIN_PACKETS = 20; // fewer say nothing
const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 600_000;
const STEADY_MS = 120_000; // who held so long begins again with the first rest

/** `isPoor` from sustained loss on, for a rest that doubles each time that trying the large stream was a mistake. */
export class Line {
  isPoor = false;

  #before = { received: 0, lost: 0 };
  #lossyTimes = 0;
  #changedAt = -Infinity;
  #restMs = FIRST_REST_MS;

  /** What a session has received and lost so far; a new session counts from nothing. */
  counted(counts, nowMs) {
    const share = this.#shareLost(counts);
    if (share === null) {
      return;
    }
    const lossy = share >= LOSSY;
    this.#lossyTimes = lossy ? this.#lossyTimes + 1 : 0;
    if (!this.isPoor && this.#lossyTimes >= TIMES_IN_A_ROW) {
      const again = nowMs - this.#changedAt < STEADY_MS;
      this.#restMs = again ? Math.min(2 * this.#restMs, LONGEST_REST_MS) : FIRST_REST_MS;
      this.#change(true, nowMs);
    } else if (this.isPoor && !lossy && nowMs - this.#changedAt >= this.#restMs) {
      this.#change(false, nowMs);
    }
  }

  /** Since what was counted last; null where that is too little. */
  #shareLost(counts) {
    if (counts.received < this.#before.received) {
      this.#before = { received: 0, lost: 0 };
      this.#lossyTimes = 0;
    }
    const received = counts.received - this.#before.received;
    const lost = Math.max(0, counts.lost - this.#before.lost);
    if (received + lost < MIN_PACKETS) {
      return null;
    }
    this.#before = counts;
    return lost / (received + lost);
  }

  #change(poor, nowMs) {
    this.isPoor = poor;
    this.#changedAt = nowMs;
    this.#lossyTimes = 0;
  }
}
