// Marking events as reviewed, pinning and deleting them, and what is said of how it went.

import { post } from "../api.js";
import { confirmed } from "../confirm.js";
import { eventTitle } from "../wording.js";

const MOST = 500; // the API takes no more at once

/** Returns what is to be said of it; rejects with an ApiError. */
export async function review(events, reviewed) {
  const { done, left } = await all("/api/v1/events/reviewed", events, { reviewed });
  return said(done, left, reviewed ? "marked reviewed" : "marked not reviewed");
}

/** As review: they are kept, however old they get, or are not any more. */
export async function pin(events, pinned) {
  const { done, left } = await all("/api/v1/events/pinned", events, { pinned });
  return said(done, left, pinned ? "pinned" : "unpinned");
}

/** Asks first, and returns null where nothing was done then; rejects with an ApiError. */
export async function remove(events) {
  const what = events.length === 1 ? `“${eventTitle(events[0])}”` : `${events.length} events`;
  const question = { title: `Delete ${what}?`, text: "The picture goes too. This cannot be undone.", yes: "Delete" };
  if (!(await confirmed(question))) {
    return null;
  }
  const { done, left } = await all("/api/v1/events/delete", events, {});
  return said(done, left, "deleted");
}

async function all(path, events, more) {
  const outcome = { done: [], left: [] };
  for (let at = 0; at < events.length; at += MOST) {
    const ids = events.slice(at, at + MOST).map(({ id }) => id);
    const { done, left } = await post(path, { ids, ...more });
    outcome.done.push(...done);
    outcome.left.push(...Object.values(left));
  }
  return outcome;
}

function said(done, left, what) {
  const goingOn = left.filter((why) => why === "going on").length;
  const parts = [`${done.length === 1 ? "1 event was" : `${done.length} events were`} ${what}.`];
  if (goingOn) {
    parts.push(`${goingOn === 1 ? "1 still goes on and was" : `${goingOn} still go on and were`} left.`);
  }
  return parts.join(" ");
}
