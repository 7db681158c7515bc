// What happened, in words.

import { clockTime, duration } from "./time.js";

const SENTENCES = {
  object: ({ who }) => who,
  zone_enter: ({ who, zone }) => `${who} entered ${zone}`,
  zone_leave: ({ who, zone }) => `${who} left ${zone}`,
  line_cross: ({ who, line, direction }) => `${who} crossed ${line}${direction ? ` to the ${direction}` : ""}`,
  loitering: ({ who, zone }) => `${who} is loitering in ${zone}`,
  wrong_way: ({ who, zone }) => `${who} goes the wrong way in ${zone}`,
  object_left: ({ who, zone }) => `${who} was left in ${zone}`,
  object_removed: ({ who, zone }) => `${who} was taken from ${zone}`,
  count_over: ({ zone, data }) => `Too many in ${zone}${"count" in data ? `: ${data.count}` : ""}`,
  count_under: ({ zone, data }) => `Too few in ${zone}${"count" in data ? `: ${data.count}` : ""}`,
  no_motion: () => "Nothing moves",
  tamper: ({ data }) => `Camera was tampered with${"kind" in data ? `: ${data.kind}` : ""}`,
  camera_offline: () => "Camera went offline",
  camera_online: () => "Camera is online again",
};

const ICONS = {
  zone_enter: "enter",
  zone_leave: "leave",
  line_cross: "cross",
  loitering: "clock",
  count_over: "enter",
  count_under: "leave",
  wrong_way: "cross",
  no_motion: "clock",
  tamper: "camera-off",
  camera_offline: "camera-off",
  camera_online: "check",
};

export const eventIcon = (event) => ICONS[event.type] ?? "object";

/** One short sentence, without camera and time. */
export function eventTitle(event) {
  const facts = {
    who: capitalised(spoken(event.label ?? "something")),
    zone: spoken(event.zone ?? "a zone"),
    line: spoken(event.line ?? "a line"),
    direction: event.direction,
    data: event.data ?? {},
  };
  return SENTENCES[event.type]?.(facts) ?? capitalised(spoken(event.type)) + (event.label ? `: ${facts.who}` : "");
}

/** Where, and for how long. */
export function eventDetail(event, cameraTitle) {
  const parts = [cameraTitle];
  if (event.type === "object" && event.zones.length) {
    parts.push(event.zones.map(spoken).join(", "));
  }
  if (event.state !== "end") {
    parts.push(event.type === "object" ? "in view" : `since ${clockTime(event.started_at)}`);
  } else if (event.ended_at - event.started_at >= 1) {
    parts.push(duration(event.ended_at - event.started_at));
  }
  if (event.data?.reason) {
    parts.push(event.data.reason);
  }
  return parts.join(" · ");
}

export const spoken = (name) => name.replaceAll("_", " ");

export const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);
