// What the Recordings page says.

import { dayLong, duration, exactTime, secondTime } from "../time.js";

const SCREEN = {
  none: () => "No recording at this time",
  loading: () => "Loading…",
  unplayable: () => "This browser cannot play this camera's video",
  failed: (why) => `It cannot be shown: ${why}`,
};

export const KINDS = { continuous: "all of the time", motion: "motion", detection: "event", alert: "alert" };

export const WORDS = {
  sound: "Sound (M)",
  soundOf: (title) => `Sound of ${title}`,
  save: "Download",
  saveOf: (title) => `Download ${title}`,
  saving: "The file is put together first; then the download begins.",
  excerpt: {
    none: "To download a part, mark where it starts and where it ends.",
    from: (start) => `From ${secondTime(start)}. Go to its end, and mark that.`,
    until: (end) => `Up to ${secondTime(end)}. Go to its start, and mark that.`,
    whole: (start, end) => `${secondTime(start)} to ${secondTime(end)}, ${duration(end - start)}`,
    tooLong: (words) => `${words}: more than the hour that can be downloaded at once.`,
    empty: (words) => `${words}: nothing was recorded.`,
  },
  live: "Live",
  screen: (state, why) => SCREEN[state]?.(why) ?? "",
  recordingOf: (title) => `Recording of ${title}`,
  moment: (at) => `${dayLong(at)}, ${secondTime(at)}`,
  recorded: (seconds) => (seconds > 0 ? duration(seconds) : "nothing"),
  span: (kind, start, end) => `${KINDS[kind]}, ${exactTime(start)}, ${duration(end - start)}`,
  motion: (title, at) => `${title}, ${secondTime(at)}`,
  noMotion: { 1: "Nothing moves after this.", [-1]: "Nothing moves before this." },
  newest: "This is where the newest recording ends.",
  empty: "Nothing was recorded on this day.",
  noCameras: "Choose a camera below.",
  most: (count) => `At most ${count} cameras at a time.`,
};
