// <fw-live camera="door" view="overlay|burned" size="large|small" sync="low_latency|exact">: a camera, live, with what
// was seen in it.

import { Overlay } from "./overlay.js";
import { Lateness, RtpClock, Timeline } from "./timeline.js";
import { iceServers, WhepError, WhepSession } from "./whep.js";

const MAX_WEBRTC_FAILURES = 3;
const FIRST_RETRY_S = 1;
const LAST_RETRY_S = 15;
const FIRST_FRAME_MS = 10_000;
const PICTURES_S = 600; // then WebRTC is tried again
const DELAY_STEP_MS = 20;

const STYLE = new CSSStyleSheet();
STYLE.replaceSync(`
  :host { display: block; position: relative; overflow: hidden; background: #000; aspect-ratio: 16 / 9; }
  :host([hidden]) { display: none; }
  video, img, canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
  video, img { object-fit: contain; }
  canvas { pointer-events: none; }
  [hidden] { display: none; }
`);

/**
 * Fires `statechange` with detail `{ state: "connecting" | "live" | "failed", reason }`; connects again by itself.
 * Where WebRTC fails again and again it shows the server's annotated pictures instead (`transport` says which).
 */
export class FwLive extends HTMLElement {
  static observedAttributes = ["camera", "view", "size", "sync"];

  state = "";
  reason = "";
  transport = "webrtc";

  #video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, autoplay: true });
  #picture = Object.assign(document.createElement("img"), { hidden: true, alt: "" });
  #overlay;
  #watching = null;
  #session = null;
  #clock = new RtpClock();
  #timeline = new Timeline();
  #lateness = new Lateness();
  #drawn = { pts: null, rtp: null, objects: [], ahead: 0 };
  #redrawn = new ResizeObserver(() => this.#draw());

  constructor() {
    super();
    const canvas = document.createElement("canvas");
    this.#video.part = "video";
    this.#picture.part = "picture";
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [STYLE];
    root.append(this.#video, this.#picture, canvas);
    this.#overlay = new Overlay(canvas);
  }

  get video() {
    return this.#video;
  }

  /** What is on the screen: `boxes` in pixels of the video, as drawn on the frame with `displayedPts`. */
  get stats() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    return {
      framesDecoded: this.#video.getVideoPlaybackQuality().totalVideoFrames,
      width,
      height,
      transport: this.transport,
      view: this.#session?.shownView ?? null,
      sync: this.#sync,
      delayMs: this.#session?.receiver.jitterBufferTarget ?? 0,
      displayedPts: this.#drawn.pts,
      rtpTimestamp: this.#drawn.rtp,
      aheadMs: this.#drawn.ahead / 90,
      boxes: this.#drawn.objects.map(({ id, label, measured, box: [x1, y1, x2, y2] }) => ({
        id,
        label,
        measured,
        x: x1 * width,
        y: y1 * height,
        w: (x2 - x1) * width,
        h: (y2 - y1) * height,
      })),
    };
  }

  connectedCallback() {
    this.#redrawn.observe(this);
    addEventListener("pagehide", this.#leave);
    addEventListener("pageshow", this.#return);
    this.#restart();
  }

  disconnectedCallback() {
    this.#redrawn.disconnect();
    removeEventListener("pagehide", this.#leave);
    removeEventListener("pageshow", this.#return);
    this.#leave();
  }

  attributeChangedCallback(name, before, now) {
    if (!this.isConnected || before === now) {
      return;
    }
    if (name === "sync") {
      this.#applyDelay();
    } else {
      this.#restart();
    }
  }

  get #sync() {
    return this.getAttribute("sync") === "exact" ? "exact" : "low_latency";
  }

  #leave = () => {
    this.#watching?.abort();
    this.#watching = null;
  };

  #return = (event) => {
    if (event.persisted) {
      this.#restart();
    }
  };

  #restart() {
    this.#leave();
    if (this.getAttribute("camera")) {
      this.#watching = new AbortController();
      this.#watch(this.#watching.signal);
    }
  }

  /** Until `signal`: connect, show, and after a failure wait ever longer before the next try. */
  async #watch(signal) {
    let [failures, waitS] = [0, FIRST_RETRY_S];
    const left = aborted(signal);
    while (!signal.aborted) {
      this.#tell("connecting");
      const withoutWebRTC = failures >= MAX_WEBRTC_FAILURES || !window.RTCPeerConnection;
      const error = await (withoutWebRTC ? this.#showPictures(signal) : this.#showVideo(signal, left)).catch((error) => error);
      if (signal.aborted) {
        return;
      }
      const wasLive = this.state === "live";
      if (withoutWebRTC) {
        failures = MAX_WEBRTC_FAILURES - 1;
      } else {
        failures = wasLive ? 0 : failures + Number(error.blamesWebRTC ?? true);
      }
      waitS = wasLive ? FIRST_RETRY_S : waitS;
      this.#tell("failed", error.message);
      await sleep(Math.max(waitS * (0.75 + Math.random() / 2), error.retryAfterS ?? 0), signal);
      waitS = Math.min(2 * waitS, LAST_RETRY_S);
    }
  }

  /** Rejects when the session is over; otherwise ends with `signal`. */
  async #showVideo(signal, left) {
    this.#use("webrtc");
    const url = this.#url("/whep/", `view=${this.#view}&size=${this.getAttribute("size") ?? "large"}`);
    const session = new WhepSession(await iceServers(url));
    this.#forget();
    this.#session = session;
    session.addEventListener("message", ({ detail }) => this.#told(detail));
    session.addEventListener("track", ({ detail }) => (this.#video.srcObject = detail));
    try {
      await session.start(url, signal);
      this.#video.requestVideoFrameCallback((_, frame) => this.#frameShown(frame, session));
      await Promise.race([session.over, this.#firstFrame(signal)]);
      this.#tell("live");
      await Promise.race([session.over, left]);
    } finally {
      session.close();
      this.#video.srcObject = null;
    }
  }

  /** The same for a while, with annotated pictures instead of WebRTC. */
  async #showPictures(signal) {
    this.#use("mjpeg");
    this.#forget();
    const over = new Promise((_, reject) => {
      this.#picture.onload = () => this.#tell("live");
      this.#picture.onerror = () => reject(new WhepError("neither video nor pictures arrive"));
    });
    this.#picture.src = this.#url("/api/v1/cameras/", "annotated=1", "/mjpeg");
    try {
      await Promise.race([over, sleep(PICTURES_S, signal)]);
      throw new WhepError("trying video again");
    } finally {
      this.#picture.removeAttribute("src");
    }
  }

  get #view() {
    return this.getAttribute("view") === "burned" ? "burned" : "overlay";
  }

  #url(path, query, rest = "") {
    return `${path}${encodeURIComponent(this.getAttribute("camera"))}${rest}?${query}`;
  }

  #use(transport) {
    this.transport = transport;
    this.#video.hidden = transport !== "webrtc";
    this.#picture.hidden = transport === "webrtc";
  }

  #forget() {
    this.#session = null;
    this.#clock = new RtpClock();
    this.#timeline = new Timeline();
    this.#lateness = new Lateness();
    this.#drawn = { pts: null, rtp: null, objects: [], ahead: 0 };
    this.#overlay.clear();
  }

  #firstFrame(signal) {
    const arrived = new Promise((resolve) => {
      this.#video.addEventListener("loadeddata", resolve, { once: true, signal });
    });
    const missing = sleep(FIRST_FRAME_MS / 1000, signal).then(() => {
      throw new WhepError("connected, but no picture arrives");
    });
    return Promise.race([arrived, missing]);
  }

  #told(message) {
    if (message.type === "clock") {
      this.#clock.set(message);
    } else if (message.type === "frame") {
      this.#timeline.add(message);
      this.#lateness.resultArrived(message.pts_90k, performance.now());
      this.#applyDelay();
    } else if (message.type === "stream" && this.state !== "failed") {
      this.#tell(message.online ? "live" : "connecting", message.online ? "" : "the camera is offline");
    }
  }

  #frameShown(frame, session) {
    if (session !== this.#session) {
      return;
    }
    this.#video.requestVideoFrameCallback((_, next) => this.#frameShown(next, session));
    const pts = this.#clock.pts(frame.rtpTimestamp);
    this.#drawn = { pts, rtp: frame.rtpTimestamp, objects: [], ahead: 0 };
    if (pts !== null) {
      this.#lateness.frameShown(pts, frame.receiveTime);
    }
    this.#draw();
  }

  #draw() {
    const drawsObjects = this.#session && this.#session.shownView !== "burned" && this.#drawn.pts !== null;
    if (!drawsObjects || !this.#video.videoWidth) {
      this.#overlay.clear();
      return;
    }
    const content = this.#timeline.at(this.#drawn.pts);
    Object.assign(this.#drawn, { objects: content.objects, ahead: content.ahead });
    this.#overlay.draw(this.#video, content, { exact: this.#sync === "exact" });
  }

  /** `exact` holds frames back until their results are there; small changes are not worth a jerk. */
  #applyDelay() {
    const receiver = this.#session?.receiver;
    if (!receiver) {
      return;
    }
    const wanted = this.#sync === "exact" ? this.#lateness.delayMs(this.#timeline.interval) : 0;
    if (Math.abs(wanted - (receiver.jitterBufferTarget ?? 0)) >= DELAY_STEP_MS || wanted === 0) {
      receiver.jitterBufferTarget = wanted;
    }
  }

  #tell(state, reason = "") {
    if (state === this.state && reason === this.reason) {
      return;
    }
    [this.state, this.reason] = [state, reason];
    this.dispatchEvent(new CustomEvent("statechange", { detail: { state, reason } }));
  }
}

/** Ends early with the signal, and leaves nothing behind on it. */
function sleep(seconds, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, 1000 * seconds);
    signal.addEventListener("abort", done);
  });
}

function aborted(signal) {
  return new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

customElements.define("fw-live", FwLive);
