// A camera as single pictures, one after the other: the last resort, and light on connections.

import { cameraPath } from "./api.js";

const EVERY_MS = 1000;
const AFTER_FAILURE_MS = 3000;

/** An `<img>` that shows the camera's latest annotated picture for as long as it is in the page. */
export function createStills(camera) {
  const picture = Object.assign(document.createElement("img"), { alt: "", className: "stills" });
  let asked = 0;
  const ask = () => {
    if (!picture.isConnected) {
      return;
    }
    if (document.hidden) {
      document.addEventListener("visibilitychange", ask, { once: true });
      return;
    }
    const height = Math.ceil((picture.clientHeight || 360) * devicePixelRatio / 180) * 180;
    asked = performance.now();
    picture.src = cameraPath(camera, `latest.jpg?annotated=1&height=${Math.min(height, 1080)}&at=${Date.now()}`);
  };
  picture.addEventListener("load", () => setTimeout(ask, Math.max(0, asked + EVERY_MS - performance.now())));
  picture.addEventListener("error", () => setTimeout(ask, AFTER_FAILURE_MS));
  setTimeout(ask);
  return picture;
}
