// Times as people say them.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const second = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const hour = new Intl.DateTimeFormat(undefined, { hour: "numeric" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const long = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const exact = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

const brief = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** `at` in UTC seconds, seen from `now`: near ones as a distance, others by the clock. */
export function relativeTime(at, now) {
  const age = now - at;
  if (age < 10) {
    return "now";
  }
  if (age < MINUTE) {
    return `${Math.floor(age)} s ago`;
  }
  if (age < HOUR) {
    return `${Math.floor(age / MINUTE)} min ago`;
  }
  return isSameDay(at, now) ? clockTime(at) : `${day.format(at * 1000)}, ${clockTime(at)}`;
}

export const clockTime = (at) => clock.format(at * 1000);

/** The hour alone: `14`, or `2 PM` where people say it so. */
export const hourTime = (at) =>
  hour
    .formatToParts(at * 1000)
    .filter(({ type }) => type === "hour" || type === "dayPeriod")
    .map(({ value }) => value)
    .join(" ");

export const secondTime = (at) => second.format(at * 1000);

export const dayLong = (at) => long.format(at * 1000);

export const exactTime = (at) => exact.format(at * 1000);

/** To the minute; the day as well where it is not the one of `now`. */
export const briefTime = (at, now) => (isSameDay(at, now) ? clockTime(at) : brief.format(at * 1000));

export function duration(seconds) {
  if (seconds < MINUTE) {
    return `${Math.max(1, Math.round(seconds))} s`;
  }
  const minutes = Math.round(seconds / MINUTE);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours && `${hours} h`, rest && `${rest} min`].filter(Boolean).join(" ");
}

function isSameDay(at, now) {
  return new Date(at * 1000).toDateString() === new Date(now * 1000).toDateString();
}
