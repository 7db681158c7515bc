// What an alert rule says, and why it kept still, in words.

import { capitalised, spoken } from "../wording.js";

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
};
const REASONS = {
  zone: "In another zone",
  line: "Over another line",
  object: "Another kind of object",
  attributes: "Other attributes, or none known",
  score: "Not certain enough",
  schedule: "At another time of day",
  cooldown: "The rule had spoken a moment ago (cooldown)",
  "no sink": "No sink was open",
};

export const reasonWords = (reason) => REASONS[reason] ?? capitalised(reason);

/** `titleOf` says what to call a camera. */
export function whenWords({ event = [], cameras = [], zones = [], lines = [], objects = [], attributes = {}, min_score, schedule }, titleOf) {
  const known = Object.entries(attributes).map(([name, values]) => `${spoken(name)} ${either(values.map(String))}`);
  const parts = [
    event.length ? `When ${either(event.map((type) => EVENTS[type] ?? spoken(type)))}` : "At any event",
    objects.length && `object ${either(objects.map(spoken))}`,
    ...known,
    zones.length && `zone ${either(zones.map(spoken))}`,
    lines.length && `line ${either(lines.map(spoken))}`,
    cameras.length && `on ${either(cameras.map(titleOf))}`,
    min_score && `confidence ${Math.round(100 * min_score)}% or more`,
    schedule && `from ${schedule.replace("-", " to ")}`,
  ];
  return `${parts.filter(Boolean).join(" · ")}.`;
}

function either(names) {
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${names.at(-1)}` : names[0];
}
