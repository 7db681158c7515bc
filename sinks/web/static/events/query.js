// Which events are wanted, as the address says it: `#events?day=2026-11-26&camera=lobby&attribute=colour:red`.

const NAMES = ["camera", "type", "label", "zone", "attribute", "rule", "severity", "reviewed"];
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const now = () => Date.now() / 1000;

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

/** The 24 hours that the timeline shows: the chosen day's, or those up to the end of this hour. */
export function stretchOf({ day, after }) {
  const rolling = lastDay();
  const chosen = day ?? (after !== null && (after < rolling.start || after >= rolling.end) ? dayAt(after) : null);
  if (chosen === null) {
    return { ...rolling, day: null };
  }
  const [year, month, date] = chosen.split("-").map(Number);
  const midnight = (days) => new Date(year, month - 1, date + days).getTime() / 1000;
  return { start: midnight(0), end: midnight(1), day: chosen };
}

function lastDay() {
  const hour = new Date();
  hour.setMinutes(60, 0, 0);
  const end = hour.getTime() / 1000;
  return { start: end - DAY_S, end };
}

/** For the API: `after` and `before` as well as the filters. */
export function apiQuery(wanted, { start, end }) {
  return new URLSearchParams({ ...wanted.filters, after: start, before: end });
}

export function dayAt(at) {
  const date = new Date(at * 1000);
  const digits = (number, length) => String(number).padStart(length, "0");
  return [digits(date.getFullYear(), 4), digits(date.getMonth() + 1, 2), digits(date.getDate(), 2)].join("-");
}

export const today = () => dayAt(now());

/** The day so many days from this one. */
export function dayFrom(day, days) {
  const [year, month, date] = day.split("-").map(Number);
  return dayAt(new Date(year, month - 1, date + days, 12).getTime() / 1000);
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
