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
  excerpt: (span, isWhole, isTooLong, isEmpty) => {
    if (span === null) {
      return "To download a part, mark where it starts and where it ends.";
    }
    if (!isWhole) {
      return `From ${secondTime(span.start)}. Go to its end, and mark that.`;
    }
    const words = `${secondTime(span.start)} to ${secondTime(span.end)}, ${duration(span.end - span.start)}`;
    return isTooLong ? `${words}: more than the hour that can be downloaded at once.` : isEmpty ? `${words}: nothing was recorded.` : words;
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
