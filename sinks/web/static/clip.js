// The recording of an event, played in place; asked for once somebody plays it.

import { ask, clipPath } from "./api.js";
import { ClipBoxes } from "./clip_boxes.js";

/** `poster` is the address of a picture, or null; `tell` is called with what is wrong where it cannot be played. */
export function createClip(event, poster, title, tell) {
  const address = clipPath(event.id);
  const video = Object.assign(document.createElement("video"), {
    src: address,
    controls: true,
    muted: true,
    playsInline: true,
    preload: "none",
    ariaLabel: `Recording: ${title}`,
  });
  if (poster) {
    video.poster = poster;
  }
  video.addEventListener("error", async () => tell(await whyNot(address)));
  const canvas = Object.assign(document.createElement("canvas"), { ariaHidden: "true" });
  new ClipBoxes(video, canvas, event);
  const both = Object.assign(document.createElement("div"), { className: "clip" });
  both.append(video, canvas);
  return both;
}

/** The browser does not tell what the server said. */
async function whyNot(address) {
  const problem = await ask(address, { headers: { Range: "bytes=0-0" } }).then(() => null, ({ message }) => message);
  return problem === null ? "This browser does not play the camera's video: download it instead." : `The recording cannot be played: ${problem}.`;
}
