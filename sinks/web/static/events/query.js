// Which events are wanted, as the address says it: `#events?day=2026-11-26&camera=lobby&attribute=colour:red`.

import { dayFrom } from "../days.js";

const NAMES = ["camera", "type", "label", "zone", "attribute", "rule", "severity", "reviewed"];

/** `{ day, after, before, filters }`; what an address says wrongly is left out of it. */
export function readHash(hash) {
  const given = new URLSearchParams(hash.split("?")[1] ?? "");
  const filters = Object.fromEntries(NAMES.map((name) => [name, given.get(name) ?? ""]).filter(([, value]) => value));
  if (!/^[^:]+:.+/.test(filters.attribute ?? "a:b")) {
    delete filters.attribute;
  }
  for (const [name, choices] of [["severity", ["alert", "detection"]], ["reviewed", ["true", "false"]]]) {
    if (!choices.includes(filters[name])) {
      delete filters[name];
    }
  }
  const [after, before] = ["after", "before"].map((name) => Number(given.get(name)) || null);
  const narrowed = after !== null && before !== null && after < before;
  return { day: dayOf(given.get("day")), after: narrowed ? after : null, before: narrowed ? before : null, filters };
}

export function hashOf({ day, after, before, filters }) {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries({ day, after, before, ...filters })) {
    if (value) {
      said.set(name, value);
    }
  }
  const query = said.toString().replaceAll("%3A", ":");
  return query ? `#events?${query}` : "#events";
}

/** For the API: `after` and `before` as well as the filters. */
export function apiQuery(wanted, { start, end }) {
  return new URLSearchParams({ ...wanted.filters, after: start, before: end });
}

function dayOf(text) {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text ?? "") && dayFrom(text, 0) === text;
  return isDay ? text : null;
}

const TESTS = {
  camera: (event, wanted) => event.camera === wanted,
  type: (event, wanted) => event.type === wanted,
  label: (event, wanted) => event.label === wanted,
  zone: (event, wanted) => event.zone === wanted || event.zones.includes(wanted),
  rule: (event, wanted) => event.rules.includes(wanted),
  severity: (event, wanted) => event.severity === wanted,
  reviewed: (event, wanted) => String(event.reviewed) === wanted,
  attribute: (event, wanted) => {
    const [name, ...value] = wanted.split(":");
    return name in event.attributes && String(event.attributes[name]) === value.join(":");
  },
};

/** Whether the server's list of these filters would have the event, as it is now. */
export const fits = (event, filters) => Object.entries(filters).every(([name, wanted]) => TESTS[name](event, wanted));
