// What the server's rules would say of a zone or a line that is not saved yet, from the same results: `presence.py`,
// `zone_enter.py` and `line_cross.py` of pipeline/stages/builtin_rules, step by step. A test holds both against each other.

import { anchor, crossing, depth, offset, thickness } from "./geometry.js";

const ROUNDING = 1e-9;

/** How far the anchor of an object at rest may wander from frame to frame. */
const tremble = ([x1, y1, x2, y2]) => Math.max(0.006, 0.02 * (x2 - x1 + y2 - y1));

const counts = ({ objects, attributes }, thing) =>
  (!objects.length || objects.includes(thing.label)) &&
  Object.entries(attributes).every(([name, values]) => values.includes(thing.attributes?.[name]));

/** An object's fields that have their usual value are left out of the messages. */
const measured = (thing) => thing.measured !== false;
const confirmed = (thing) => thing.confirmed !== false;

/** `inside` or `outside`; null where an object is so near an edge that it could be either. */
export function verdict(zone, thing) {
  if (!counts(zone, thing)) {
    return "outside";
  }
  const doubt = Math.min(tremble(thing.box), thickness(zone.points) / 4);
  const deep = depth(zone.points, inPicture(anchor(thing.box), doubt));
  if (deep >= doubt - ROUNDING) {
    return "inside";
  }
  return deep < -doubt ? "outside" : null;
}

/** Feet below the picture's edge stand on it. */
const inPicture = (point, margin) => point.map((value) => Math.min(1 - margin, Math.max(margin, value)));

/** Who is in one zone, told only when it is sure. `zone` may be changed while it goes on. */
export class Presence {
  #standings = new Map();
  #told = new Set();

  /** `fps` is the camera's nominal `detect.fps`. */
  constructor(zone, fps) {
    this.zone = zone;
    this.fps = fps;
  }

  /** The objects that have now entered; `now` is the frame's capture time in seconds. */
  update(objects, now) {
    const settleS = (this.zone.inertia - 1 - 1 / 3) / this.fps;
    this.#standings = new Map(objects.map(({ id }) => [id, this.#standings.get(id) ?? { inside: false, since: null }]));
    for (const thing of objects) {
      if (measured(thing) || (thing.stationary === true && thing.lost !== true)) {
        settle(this.#standings.get(thing.id), verdict(this.zone, thing), settleS, now);
      }
    }
    const inside = objects.filter((thing) => confirmed(thing) && this.#standings.get(thing.id).inside);
    const entered = inside.filter(({ id }) => !this.#told.has(id));
    this.#told = new Set(inside.map(({ id }) => id));
    return entered;
  }
}

function settle(standing, verdict, settleS, now) {
  if (verdict === null || (verdict === "inside") === standing.inside) {
    standing.since = null;
    return;
  }
  standing.since ??= now;
  if (now - standing.since >= settleS) {
    standing.inside = !standing.inside;
    standing.since = null;
  }
}

/** Who crosses one line. A line that is moved begins anew. */
export class Passages {
  #passages = new Map();

  constructor(line) {
    this.line = line;
  }

  /** `{ thing, side }` of each that has now crossed and counts. */
  update(objects) {
    const known = objects.filter(confirmed);
    this.#passages = new Map(known.map(({ id }) => [id, this.#passages.get(id)]));
    return known.filter(measured).flatMap((thing) => {
      const side = this.#step(thing);
      const wanted = side && ["any", side].includes(this.line.direction) && counts(this.line, thing);
      return wanted ? [{ thing, side }] : [];
    });
  }

  #step({ id, box }) {
    const [start, end] = this.line.points;
    const place = anchor(box);
    const passage = this.#passages.get(id) ?? { last: place, clear: null, toTheRight: 0 };
    this.#passages.set(id, passage);
    passage.toTheRight += { right: 1, left: -1 }[crossing(passage.last, place, start, end)] ?? 0;
    passage.last = place;
    const distance = offset(start, end, place);
    if (Math.abs(distance) < tremble(box)) {
      return null;
    }
    const nowOn = distance > 0 ? "right" : "left";
    const { clear: wasOn, toTheRight: crossed } = passage;
    Object.assign(passage, { clear: nowOn, toTheRight: 0 });
    if (wasOn === null || wasOn === nowOn) {
      return null;
    }
    return crossed !== 0 && crossed > 0 === (nowOn === "right") ? nowOn : null;
  }
}
