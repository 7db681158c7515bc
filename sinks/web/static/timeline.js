// Which objects belong to which picture: results come later than the pictures they were found in, if they come.

export const TICKS_PER_S = 90_000;

const SAME_FRAME_TICKS = 700; // less than half a frame at 60 a second
const MAX_EXTRAPOLATED_TICKS = 0.5 * TICKS_PER_S;
const MIN_STALE_TICKS = 1.5 * TICKS_PER_S;
const STILL_TICKS = 12 * TICKS_PER_S; // a quiet camera is looked at at its key frames: at most ten seconds apart
const KEPT_RESULTS = 400;
const KEPT_SAMPLES = 100;
const MARGIN_MS = 30;
const MAX_DELAY_MS = 4_000;

/** Turns RTP timestamps into pts: their difference is constant for a session. */
export class RtpClock {
  #known = null;
  #firstPts = 0;

  set({ rtp, pts_90k }) {
    this.#firstPts = this.#known ? this.#firstPts : pts_90k;
    this.#known = { rtp, pts: pts_90k };
  }

  /** The pts of a frame; null while that is not known, and for the frames with which a viewer first catches up. */
  pts(rtpTimestamp) {
    const pts = this.#known ? this.#known.pts + ((rtpTimestamp - this.#known.rtp) | 0) : -1;
    return pts < this.#firstPts ? null : pts;
  }
}

/** The results of late, by pts. */
export class Timeline {
  #results = [];

  add(result) {
    let index = this.#results.length;
    while (index > 0 && this.#results[index - 1].pts_90k > result.pts_90k) {
      index -= 1;
    }
    this.#results.splice(index, 0, result);
    if (this.#results.length > KEPT_RESULTS) {
      this.#results.shift();
    }
  }

  /** Ticks from one analysed frame to the next, as a rule. */
  get interval() {
    const recent = this.#results.slice(-20).map((result) => result.pts_90k);
    return median(recent.slice(1).map((pts, index) => pts - recent[index]));
  }

  /**
   * What to draw on the frame with this pts: `{ objects, marks, ahead }`, boxes relative to the picture.
   *
   * On an analysed frame, what was found there; between two, what lies between; after the last, its objects moved
   * on by their velocity for at most half a second. Only these are not `measured`, and only then is the frame
   * `ahead` of the results, in ticks.
   */
  at(pts) {
    const next = this.#results.findIndex((result) => result.pts_90k > pts + SAME_FRAME_TICKS);
    const before = this.#results.at(next < 0 ? -1 : next - 1);
    if (!before || next === 0) {
      return { objects: [], marks: [], ahead: 0 };
    }
    const elapsed = pts - before.pts_90k;
    if (elapsed <= SAME_FRAME_TICKS) {
      return { objects: shown(before).map((object) => placed(object, object.box)), marks: before.marks, ahead: 0 };
    }
    return next < 0 ? this.#after(before, elapsed) : between(before, this.#results[next], pts);
  }

  #after(last, ahead) {
    const isStill = shown(last).every((object) => object.stationary === true);
    if (ahead > Math.max(isStill ? STILL_TICKS : MIN_STALE_TICKS, 3 * this.interval)) {
      return { objects: [], marks: [], ahead };
    }
    const moving = Math.min(ahead, MAX_EXTRAPOLATED_TICKS) / TICKS_PER_S;
    return { objects: shown(last).map((object) => extrapolated(object, moving)), marks: last.marks, ahead };
  }
}

/** Learns how much later than their frames the results come, which is how long frames must wait to be exact. */
export class Lateness {
  #offsets = new Samples(KEPT_SAMPLES); // ms between a frame's arrival and its pts
  #late = new Samples(KEPT_SAMPLES);
  #framePts = new Samples(20);

  frameShown(pts, receivedAtMs) {
    this.#offsets.add(receivedAtMs - pts / 90);
    this.#framePts.add(pts);
  }

  resultArrived(pts, atMs) {
    if (this.#offsets.length) {
      this.#late.add(atMs - pts / 90 - this.#offsets.quantile(0));
    }
  }

  /** The jitter buffer, in ms, with which nearly all results are there in time; 0 while nothing is known. */
  delayMs(analysedIntervalTicks) {
    if (!this.#late.length) {
      return 0;
    }
    const waitsForNext = Math.max(0, analysedIntervalTicks - this.#framePts.step) / 90;
    return Math.min(MAX_DELAY_MS, Math.max(0, this.#late.quantile(0.98) + waitsForNext + MARGIN_MS));
  }
}

class Samples {
  #kept = [];

  constructor(capacity) {
    this.capacity = capacity;
  }

  get length() {
    return this.#kept.length;
  }

  /** The usual distance from one sample to the next. */
  get step() {
    return median(this.#kept.slice(1).map((value, index) => value - this.#kept[index]));
  }

  add(value) {
    this.#kept.push(value);
    if (this.#kept.length > this.capacity) {
      this.#kept.shift();
    }
  }

  quantile(share) {
    const sorted = [...this.#kept].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }
}

function between(before, after, pts) {
  const share = (pts - before.pts_90k) / (after.pts_90k - before.pts_90k);
  const later = new Map(shown(after).map((object) => [object.id, object]));
  const objects = shown(before).map((object) => {
    const end = later.get(object.id);
    return end
      ? placed(object, object.box.map((edge, side) => edge + share * (end.box[side] - edge)))
      : extrapolated(object, (pts - before.pts_90k) / TICKS_PER_S);
  });
  return { objects, marks: before.marks, ahead: 0 };
}

function extrapolated(object, seconds) {
  const moved = object.box.map((edge, side) => edge + seconds * (object.velocity?.[side] ?? 0));
  return placed(object, moved, false);
}

function placed(object, box, measured = true) {
  const { id, label, score, attributes = {} } = object;
  const seen = object.measured !== false || object.stationary === true; // at rest it is where it was, unlooked at
  return { id, label, score, attributes, box, measured, seen };
}

/** Fields that have their usual value are left out of the messages. */
function shown(result) {
  return result.objects.filter((object) => object.confirmed !== false && object.lost !== true);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
