// What was recorded of one camera, as the server lists it.

const GAP_S = 0.5; // less between two files is no gap
const CLOSE_S = 10; // what happens so soon after something began to move is the same

/** `spans` are the API's, those of one camera. */
export class Footage {
  #stretches;
  #lively;

  constructor(spans) {
    const sorted = spans.map((span) => ({ ...span, start: span.started_at, end: span.ended_at })).sort((one, other) => one.start - other.start);
    this.spans = sorted;
    this.#stretches = joined(sorted, GAP_S);
    this.#lively = joined(sorted.filter(({ kinds }) => kinds.some((kind) => kind !== "continuous")), GAP_S);
  }

  /** The stretch without a gap, `{ start, end }`, that has this moment; null where there is none. */
  at(at) {
    return this.#stretches.find(({ start, end }) => start <= at && at < end) ?? null;
  }

  /** When there is video again after this moment; null where there is none. */
  startAfter(at) {
    return this.#stretches.find(({ start }) => start > at)?.start ?? null;
  }

  /** The newest stretch, or undefined. */
  get last() {
    return this.#stretches.at(-1);
  }

  secondsIn({ start, end }) {
    return this.#stretches.reduce((sum, each) => sum + Math.max(0, Math.min(end, each.end) - Math.max(start, each.start)), 0);
  }

  /** When something began to move or to happen that can be looked at, in order; `happened` are the times of events. */
  beginnings(happened) {
    const begun = this.#lively.map(({ start }) => start);
    const isNew = (at) => this.at(at) !== null && !begun.some((start) => start <= at && at < start + CLOSE_S);
    return [...begun, ...happened.filter(isNew)].sort((one, other) => one - other);
  }
}

/** Stretches that touch, or nearly, as one; `stretches` in the order of their starts. */
export function joined(stretches, gapS) {
  const all = [];
  for (const { start, end } of stretches) {
    const last = all.at(-1);
    if (last && start <= last.end + gapS) {
      last.end = Math.max(last.end, end);
    } else {
      all.push({ start, end });
    }
  }
  return all;
}
