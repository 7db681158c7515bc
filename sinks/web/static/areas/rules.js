// What the server's rules would say of a zone or a line that is not saved yet, from the same results: `area.py`,
// `presence.py`, `zone_enter.py` and `line_cross.py` of pipeline/stages/builtin_rules, step by step. A test holds both against each other.

import { anchor, crossing, depth, offset, overlap, thickness } from "./geometry.js";

const ROUNDING = 1e-9;

/** How far the anchor of an object at rest may wander from frame to frame. */
const tremble = ([x1, y1, x2, y2]) => Math.max(0.006, 0.02 * (x2 - x1 + y2 - y1));

const counts = ({ objects, attributes }, thing) =>
  (!objects.length || objects.includes(thing.label)) &&
  Object.entries(attributes).every(([name, values]) => values.includes(thing.attributes?.[name]));

/** An object's fields that have their usual value are left out of the messages. */
const measured = (thing) => thing.measured !== false;
const confirmed = (thing) => thing.confirmed !== false;
/** What an object is known by: it stays the same where it comes back under another id. */
const root = (thing) => thing.origin ?? thing.id;

/** `inside` or `outside`; null where an object is so near an edge that it could be either. */
export function verdict(zone, thing) {
  if (!counts(zone, thing)) {
    return "outside";
  }
  const verdicts = [byAnchor(zone, thing.box), byOverlap(zone, thing.box)];
  if (verdicts.includes("outside")) {
    return "outside";
  }
  return verdicts.includes(null) ? null : "inside";
}

function byAnchor({ points, anchor: which }, box) {
  if (which === "none") {
    return "inside";
  }
  const doubt = Math.min(tremble(box), thickness(points) / 4);
  const deep = depth(points, inPicture(anchor(box, which), doubt));
  if (deep >= doubt - ROUNDING) {
    return "inside";
  }
  return deep < -doubt ? "outside" : null;
}

function byOverlap({ points, min_overlap: wanted }, box) {
  const share = wanted ? overlap(points, box) : 1;
  if (!wanted || share >= wanted - ROUNDING) {
    return "inside";
  }
  const [x1, y1, x2, y2] = box;
  const doubt = tremble(box) * (1 / Math.max(x2 - x1, 1e-6) + 1 / Math.max(y2 - y1, 1e-6));
  return share < wanted - Math.min(doubt, wanted / 2) ? "outside" : null;
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
    this.#standings = new Map(
      objects.map((thing) => [root(thing), this.#standings.get(root(thing)) ?? { inside: false, since: null }]),
    );
    for (const thing of objects) {
      if (measured(thing) || (thing.stationary === true && thing.lost !== true)) {
        settle(this.#standings.get(root(thing)), verdict(this.zone, thing), settleS, now);
      }
    }
    const inside = objects.filter((thing) => confirmed(thing) && this.#standings.get(root(thing)).inside);
    const entered = inside.filter((thing) => !this.#told.has(root(thing)));
    this.#told = new Set(inside.map(root));
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
    this.#passages = new Map(objects.map((thing) => [root(thing), this.#passages.get(root(thing))]));
    return objects.filter(measured).flatMap((thing) => {
      const side = this.#believed(thing, this.#step(thing));
      const wanted = side && ["any", side].includes(this.line.direction) && counts(this.line, thing);
      return wanted ? [{ thing, side }] : [];
    });
  }

  /** Who is believed only later has crossed all the same, if not back again. */
  #believed(thing, side) {
    const passage = this.#passages.get(root(thing));
    if (side) {
      passage.waiting = passage.waiting ? null : side;
    }
    const told = confirmed(thing) ? passage.waiting : null;
    passage.waiting = told ? null : passage.waiting;
    return told;
  }

  #step(thing) {
    const { box } = thing;
    const [start, end] = this.line.points;
    const place = anchor(box, this.line.anchor);
    const passage = this.#passages.get(root(thing)) ?? { last: place, clear: null, toTheRight: 0, waiting: null };
    this.#passages.set(root(thing), passage);
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
