// What an alert rule says, and why it kept still, in words.

import { briefTime, duration } from "../time.js";
import { capitalised, spoken } from "../wording.js";

const DAY_S = 86_400;
const EVENTS = {
  object: "an object comes into view",
  zone_enter: "a zone is entered",
  zone_leave: "a zone is left",
  line_cross: "a line is crossed",
  loitering: "something loiters",
  count_over: "there are too many in a zone",
  count_under: "there are too few in a zone",
  wrong_way: "something goes the wrong way",
  object_left: "a thing is left behind",
  object_removed: "a thing is taken",
  no_motion: "nothing moves for long",
  tamper: "a camera is covered, blurred or turned",
  camera_offline: "a camera goes offline",
  camera_online: "a camera is online again",
};
const REASONS = {
  zone: "In another zone",
  line: "Over another line",
  object: "Another kind of object",
  attributes: "Other attributes, or none known",
  score: "Not certain enough",
  schedule: "At another time of day",
  profile: "Off in the profile of that time",
  snoozed: "Snoozed",
  cooldown: "The rule had spoken a moment ago (cooldown)",
  "no sink": "No sink was open",
};

export const reasonWords = (reason) => REASONS[reason] ?? capitalised(reason);

/** `titleOf` says what to call a camera. */
export function whenWords({ event = [], cameras = [], zones = [], lines = [], objects = [], attributes = {}, min_score, schedule = [], profiles = [] }, titleOf) {
  const known = Object.entries(attributes).map(([name, values]) => `${spoken(name)} ${either(values.map(String))}`);
  const parts = [
    event.length ? `When ${either(event.map((type) => EVENTS[type] ?? spoken(type)))}` : "At any event",
    objects.length && `object ${either(objects.map(spoken))}`,
    ...known,
    zones.length && `zone ${either(zones.map(spoken))}`,
    lines.length && `line ${either(lines.map(spoken))}`,
    cameras.length && `on ${either(cameras.map(titleOf))}`,
    min_score && `confidence ${Math.round(100 * min_score)}% or more`,
    schedule.length && either(schedule.map(scheduleWords)),
    profiles.length && `profile ${either(profiles)}`,
  ];
  return `${parts.filter(Boolean).join(" · ")}.`;
}

/** `mon-fri 22:00-06:00` → `mon-fri from 22:00 to 06:00` */
const scheduleWords = (schedule) => schedule.replace(/(\d\d:\d\d)-(\d\d:\d\d)/, "from $1 to $2");

/** Why a rule keeps still now, beside being snoozed; empty where it does not. */
export const stillWords = ({ is_on }) => (is_on ? "" : "Off in this profile.");

/** `until` in UTC seconds */
export function snoozedWords(until) {
  const now = Date.now() / 1000;
  const days = Math.round((until - now) / DAY_S);
  return `Snoozed until ${briefTime(until, now)}, ${days > 1 ? `${days} days` : duration(until - now)} more`;
}

/** Which cameras are snoozed; they are `[name, title]`. */
export const snoozedCount = (cameras) => (cameras.length ? `Snoozed: ${cameras.map(([, title]) => title).join(", ")}` : "None is snoozed");

/** How things are with what a sink should get. */
export function countWords({ sink, waiting, dead, dropped_24h }) {
  const counts = [waiting && `${waiting} late, tried again`, dead && `${dead} given up on`, dropped_24h && `${dropped_24h} dropped in the last 24 hours`];
  return `${sink}: ${counts.filter(Boolean).join(", ")}`;
}

/** How the way of an alert to a sink ended. */
export function stateWords({ state, attempts, error }) {
  const how = { dead: `Given up on after ${attempts === 1 ? "one attempt" : `${attempts} attempts`}`, dropped: "Dropped" }[state] ?? capitalised(state);
  return error ? `${how}: ${error}` : how;
}

function either(names) {
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${names.at(-1)}` : names[0];
}
