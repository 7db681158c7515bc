// Days by the calendar of who looks, as `2026-11-26`.

const DAY_S = 24 * 3600;

export function dayAt(at) {
  const date = new Date(at * 1000);
  const digits = (number, length) => String(number).padStart(length, "0");
  return [digits(date.getFullYear(), 4), digits(date.getMonth() + 1, 2), digits(date.getDate(), 2)].join("-");
}

export const today = () => dayAt(Date.now() / 1000);

/** The day so many days from this one. */
export function dayFrom(day, days) {
  const [year, month, date] = day.split("-").map(Number);
  return dayAt(new Date(year, month - 1, date + days, 12).getTime() / 1000);
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
