// Tries the zones and lines of a draft on what is seen right now.

import { ruled } from "./form.js";
import { Passages, Presence, verdict } from "./rules.js";

/** Fires `entered` and `crossed` with detail `{ id, thing, side }`; `id` is the area's. */
export class Trial extends EventTarget {
  #entries = new Map();
  #fps;

  /** `fps` is the camera's nominal `detect.fps`. */
  constructor(fps) {
    super();
    this.#fps = fps;
  }

  /** Only areas that can be drawn; what has been counted of one stays with it. */
  follow(areas) {
    const drawn = areas.filter(({ points }) => points !== null);
    this.#entries = new Map(drawn.map((area) => [area.id, this.#entry(area)]));
  }

  /** One analysed frame's message. */
  result({ t, objects }) {
    for (const [id, { rule, tally }] of this.#entries) {
      if (rule instanceof Presence) {
        for (const thing of rule.update(objects, t)) {
          tally.entered += 1;
          this.#tell("entered", { id, thing });
        }
      } else {
        for (const { thing, side } of rule.update(objects)) {
          tally[side] += 1;
          this.#tell("crossed", { id, thing, side });
        }
      }
    }
  }

  /** How many entered, or came out on the `left` and on the `right`, since the editing began. */
  tally(id) {
    return this.#entries.get(id)?.tally ?? null;
  }

  /** The areas, by id, each with those of the drawn objects that stand in it, its labels and attributes considered. */
  insides(objects) {
    const zones = [...this.#entries].filter(([, { rule }]) => rule instanceof Presence);
    return new Map(zones.map(([id, { rule }]) => [id, inside(rule.zone, objects)]));
  }

  #entry(area) {
    const known = this.#entries.get(area.id);
    const tally = known?.tally ?? (area.kind === "zone" ? { entered: 0 } : { left: 0, right: 0 });
    const now = ruled(area);
    if (area.kind === "zone") {
      const rule = known?.rule ?? new Presence(now, this.#fps);
      rule.zone = now;
      return { rule, tally };
    }
    const stays = known && JSON.stringify(known.rule.line.points) === JSON.stringify(now.points);
    const rule = stays ? known.rule : new Passages(now);
    rule.line = now;
    return { rule, tally };
  }

  #tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}

export const inside = (zone, objects) => objects.filter((thing) => verdict(zone, thing) === "inside");
