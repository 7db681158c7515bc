// Which way the live video takes: WebRTC, else Media Source Extensions, else pictures.

import { canPlay } from "./mse.js";

const MAX_FAILURES = { webrtc: 3, mse: 2 };

/** Counts how often each has failed for a reason of its own. */
export class Fallback {
  #failures = { webrtc: window.RTCPeerConnection ? 0 : Infinity, mse: canPlay ? 0 : Infinity };

  /** Whether H.265 is worth asking for. */
  h265 = true;

  get transport() {
    return ["webrtc", "mse"].find((each) => this.#failures[each] < MAX_FAILURES[each]) ?? "mjpeg";
  }

  /** Whether it is there at all, and may work by now. */
  get hopesForWebRTC() {
    return this.#failures.webrtc !== Infinity;
  }

  /** `used` has ended, live until then or never so, by `error`; `view` is what the server said it sends. */
  failed(used, wasLive, error, view) {
    if (view === "native" && !wasLive) {
      this.h265 = false;
    } else if (used === "mjpeg") {
      this.tryAgain();
    } else {
      const blamed = error.blamesTransport ?? true;
      this.#failures[used] = wasLive ? 0 : this.#failures[used] + Number(blamed);
    }
  }

  /** Each gets one more try, where there is anything to try. */
  tryAgain() {
    for (const [each, most] of Object.entries(MAX_FAILURES)) {
      if (this.#failures[each] !== Infinity) {
        this.#failures[each] = Math.min(this.#failures[each], most - 1);
      }
    }
  }
}
