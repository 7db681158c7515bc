// The days that were asked for: what was recorded, and when something happened.

import { get } from "../api.js";
import { dayAt, dayFrom, stretchOf, today } from "../days.js";
import { Stretch } from "../stretch.js";
import { Footage } from "./footage.js";

const FURTHEST_DAYS = 31;
const STEP_S = 10; // events that are so close are one
const OVER_MIDNIGHT_S = 300;
const RECENT_S = 60;
const LEAD_S = 10;
const ENOUGH_S = 1; // from a beginning that was gone to, the next one is further away
const NOTHING = new Footage([]);

/** One day of all cameras. */
class DayOfVideo {
  #stretch;
  #footage;
  #happened;

  constructor(stretch, spans, overview) {
    this.#stretch = stretch;
    this.#footage = new Map([...Map.groupBy(spans, ({ camera }) => camera)].map(([name, own]) => [name, new Footage(own)]));
    this.#happened = new Map(overview.map((each) => [each.camera, timesIn(each)]));
  }

  /** Whether what there is at that moment is in it. */
  has(at) {
    return this.#stretch.has(at);
  }

  /** Those of which there is video. */
  get cameras() {
    return [...this.#footage.keys()];
  }

  footage(camera) {
    return this.#footage.get(camera) ?? NOTHING;
  }

  /** When events began, in order. */
  happened(camera) {
    return this.#happened.get(camera) ?? [];
  }

  /** `{ camera, at }` of each beginning of motion or of an event that was recorded, in order. */
  beginnings(cameras) {
    const all = cameras.flatMap((camera) => this.footage(camera).beginnings(this.happened(camera)).map((at) => ({ camera, at })));
    return all.sort((one, other) => one.at - other.at);
  }

  /** A moment shortly before the newest that all of them have which go on; null where none has video. */
  newest(cameras) {
    const stretches = cameras.map((camera) => this.footage(camera).last).filter((last) => last !== undefined);
    const end = Math.max(...stretches.map((each) => each.end));
    const recent = stretches.filter((each) => each.end > end - RECENT_S);
    return recent.length ? Math.max(Math.min(...recent.map((each) => each.end)) - LEAD_S, ...recent.map((each) => each.start)) : null;
  }

  /** From when on one of them has video, which may be at once; null where none has any more. */
  videoFrom(cameras, at) {
    const starts = cameras.map((camera) => this.footage(camera)).map((each) => (each.at(at) ? at : each.startAfter(at)));
    const found = starts.filter((start) => start !== null);
    return found.length ? Math.min(...found) : null;
  }
}

export class Archive {
  #days = new Map();

  /** A day is read again each time; rejects with an ApiError. */
  async day(day) {
    const { start, end } = stretchOf({ day, after: null });
    const stretch = new Stretch(start - OVER_MIDNIGHT_S, end + OVER_MIDNIGHT_S);
    const around = new URLSearchParams({ after: stretch.start, before: stretch.end });
    const within = new URLSearchParams({ after: start, before: end, step: STEP_S });
    const [{ recordings }, { cameras }] = await Promise.all([get(`/api/v1/recordings?${around}`), get(`/api/v1/events/overview?${within}`)]);
    const found = new DayOfVideo(stretch, recordings, cameras);
    this.#days.set(day, found);
    return found;
  }

  /** The beginning of motion or of an event on one of the cameras after `at`, or before it where `by` is -1; or null. */
  beginning(cameras, at, by) {
    return this.#find(at, by, (found) => {
      const isFurther = (each) => (each.at - at) * by > ENOUGH_S;
      const further = found.beginnings(cameras).filter(isFurther);
      return further.at(by > 0 ? 0 : -1) ?? null;
    });
  }

  /** From when on there is video, `at` or later; or null. */
  videoFrom(cameras, at) {
    return this.#find(at, 1, (found) => found.videoFrom(cameras, at));
  }

  /** A moment shortly before the newest of which there is video up to `at`, without `cameras` of any; or null. */
  newest(cameras, at) {
    return this.#find(at, -1, (found) => found.newest(cameras.length ? cameras : found.cameras));
  }

  /** What `pick` finds on the nearest day that has it. */
  async #find(at, by, pick) {
    const last = today();
    for (let day = dayAt(at), days = 0; day <= last && days < FURTHEST_DAYS; day = dayFrom(day, by), days++) {
      const known = day === last ? null : this.#days.get(day);
      const found = pick(known ?? (await this.day(day)));
      if (found !== null) {
        return found;
      }
    }
    return null;
  }
}

const timesIn = ({ spans, marks }) =>
  [...spans.filter(({ kind }) => kind !== "camera").map(({ start }) => start), ...marks.map(({ at }) => at)].sort((one, other) => one - other);
