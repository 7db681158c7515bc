// What the editor of zones and lines says.

import { spoken } from "../wording.js";

const percent = (share) => `${(100 * share).toFixed(1)} %`;

export const placeInWords = ([x, y]) => `${percent(x)} from the left, ${percent(y)} from the top`;

export function cornerName({ kind, name, points }, at) {
  const which = kind === "line" ? ["Start", "End"][at] : `Corner ${at + 1} of ${points.length}`;
  return `${which} of ${spoken(name)}: ${placeInWords(points[at])}`;
}

/** `inside` is who stands in the zone now. */
export function tallyInWords({ kind, points }, tally, inside) {
  if (points === null) {
    return "written in a way that cannot be drawn here";
  }
  if (kind === "zone") {
    return `${inside} inside · ${tally.entered} entered`;
  }
  return `${tally.left} left · ${tally.right} right`;
}

export const drawing = {
  zone: "Set at least three corners. Enter or the first corner closes the zone, Backspace takes one back, Esc cancels.",
  line: "Set where the line begins, then where it ends. Esc cancels.",
};

export const drawingByKeys = {
  zone: "Drawing a zone. Arrow keys move the cross, with Shift finely; Space sets a corner, Enter closes the zone, Escape cancels.",
  line: "Drawing a line. Arrow keys move the cross, with Shift finely; Space sets its start and then its end, Escape cancels.",
};

export const says = {
  empty: "No zones and no lines yet. Draw one: it is tried at once on what the camera sees.",
  corners: "Drag a corner, or the middle of an edge for one more. With the keyboard: Enter on the name leads to the corners, arrow keys move one by 1 %, with Shift by 0.1 %; Insert adds one, Delete (or a long press) takes it away.",
  ends: "Drag an end. With the keyboard: Enter on the name leads there, arrow keys move it by 1 %, with Shift by 0.1 %.",
  blind: "Objects are part of the picture here, so nothing can be tried before it is saved.",
  notWritable: (why) => `Nothing can be saved here: ${why}. Copy the YAML into your configuration's file instead.`,
  saved: "Saved. It works from now on.",
  copied: "Copied. It belongs into the configuration's file.",
  notCopied: "The browser did not let it be copied: select it below.",
  refused: "Nothing was saved:",
  conflict: "Somebody else changed these zones and lines meanwhile. Nothing was saved.",
};

/** `wanted` and `got` as the server says them. */
export const problemInWords = ({ got, wanted }) => (got ? `Got ${got}, wanted ${wanted}.` : `Wanted ${wanted}.`);
