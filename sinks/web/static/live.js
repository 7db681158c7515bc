// <fw-live camera="door" view="overlay|burned" size="large|small" sync="low_latency|exact">: a camera, live, with what
// was seen in it.

import { Fallback } from "./fallback.js";
import { MseSession } from "./mse.js";
import { Scene } from "./scene.js";
import { SessionError } from "./session.js";
import { iceServers, WhepSession } from "./whep.js";

const FIRST_RETRY_S = 1;
const LAST_RETRY_S = 15;
const FIRST_FRAME_MS = 10_000;
const STAND_IN_S = 600; // then WebRTC is tried again
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
 * Where WebRTC fails again and again it plays the same video over a WebSocket, or shows the server's annotated
 * pictures: `transport` says which.
 */
export class FwLive extends HTMLElement {
  static observedAttributes = ["camera", "view", "size", "sync"];

  state = "";
  reason = "";
  transport = "webrtc";

  #video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, autoplay: true });
  #picture = Object.assign(document.createElement("img"), { hidden: true, alt: "" });
  #scene;
  #watching = null;
  #session = null;
  #redrawn = new ResizeObserver(() => this.#draw());

  constructor() {
    super();
    const canvas = document.createElement("canvas");
    this.#video.part = "video";
    this.#picture.part = "picture";
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [STYLE];
    root.append(this.#video, this.#picture, canvas);
    this.#scene = new Scene(this.#video, canvas);
  }

  get video() {
    return this.#video;
  }

  /** What is on the screen, and how it came there. */
  get stats() {
    return {
      ...this.#scene.stats,
      framesDecoded: this.#video.getVideoPlaybackQuality().totalVideoFrames,
      transport: this.transport,
      view: this.#session?.shownView ?? null,
      sync: this.#sync,
      delayMs: this.#session?.delayMs ?? 0,
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
    const fallback = new Fallback();
    const left = aborted(signal);
    let waitS = FIRST_RETRY_S;
    while (!signal.aborted) {
      this.#tell("connecting");
      this.#use(fallback.transport);
      const showing = this.transport === "mjpeg" ? this.#showPictures(signal) : this.#showVideo(signal, fallback, left);
      const error = await showing.catch((error) => error);
      if (signal.aborted) {
        return;
      }
      const wasLive = this.state === "live";
      fallback.failed(this.transport, wasLive, error, this.#session?.shownView);
      waitS = wasLive ? FIRST_RETRY_S : waitS;
      this.#tell("failed", error.message);
      await sleep(Math.max(waitS * (0.75 + Math.random() / 2), error.retryAfterS ?? 0), signal);
      waitS = Math.min(2 * waitS, LAST_RETRY_S);
    }
  }

  /** Rejects when the session is over; otherwise ends with `signal`. */
  async #showVideo(signal, fallback, left) {
    const [url, session] = await this.#newSession(fallback);
    this.#forget();
    this.#session = session;
    session.addEventListener("message", ({ detail }) => this.#told(detail));
    let stream;
    session.addEventListener("track", ({ detail }) => (this.#video.srcObject = stream = detail));
    try {
      await session.start(url, signal);
      this.#video.requestVideoFrameCallback((_, frame) => this.#frameShown(frame, session));
      await Promise.race([session.over, this.#firstFrame(signal)]);
      this.#tell("live");
      await Promise.race([session.over, left, this.#betterVideo(signal, fallback, session)]);
    } finally {
      session.close();
      if (this.#video.srcObject === stream) {
        this.#video.srcObject = null; // not the next one's, nor where there is none: that would let go of any `src`
      }
    }
  }

  async #newSession({ h265 }) {
    const query = `view=${this.#view}&size=${this.getAttribute("size") ?? "large"}`;
    if (this.transport === "mse") {
      return [this.#url("/api/v1/cameras/", query, "/mse"), new MseSession(this.#video)];
    }
    const url = this.#url("/whep/", query);
    return [url, new WhepSession(await iceServers(url), { h265 })];
  }

  /** Rejects when it is time to try WebRTC again, where another way stands in for it. */
  async #betterVideo(signal, fallback, session) {
    if (this.transport === "webrtc" || !fallback.hopesForWebRTC) {
      return new Promise(() => {});
    }
    await sleep(STAND_IN_S, signal);
    if (session === this.#session) {
      fallback.tryAgain();
    }
    throw new SessionError("trying WebRTC again");
  }

  /** The same for a while, with annotated pictures instead of video. */
  async #showPictures(signal) {
    this.#forget();
    const stop = () => this.#picture.removeAttribute("src");
    signal.addEventListener("abort", stop, { once: true }); // at once: the next to watch uses the same element
    const over = new Promise((_, reject) => {
      this.#picture.onload = () => this.#tell("live");
      this.#picture.onerror = () => reject(new SessionError("neither video nor pictures arrive"));
    });
    this.#picture.src = this.#url("/api/v1/cameras/", "annotated=1", "/mjpeg");
    try {
      await Promise.race([over, sleep(STAND_IN_S, signal)]);
      throw new SessionError("trying video again");
    } finally {
      if (!signal.aborted) {
        signal.removeEventListener("abort", stop);
        stop();
      }
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
    this.#video.hidden = transport === "mjpeg";
    this.#picture.hidden = transport !== "mjpeg";
  }

  #forget() {
    this.#session = null;
    this.#scene.forget();
  }

  #firstFrame(signal) {
    const arrived = new Promise((resolve) => {
      this.#video.addEventListener("loadeddata", resolve, { once: true, signal });
    });
    const missing = sleep(FIRST_FRAME_MS / 1000, signal).then(() => {
      throw new SessionError("connected, but no picture arrives");
    });
    return Promise.race([arrived, missing]);
  }

  #told(message) {
    if (message.type === "frame") {
      this.#scene.resultArrived(message);
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
    this.#scene.frameShown(session.ptsOf(frame), frame, session.receivedAt(frame));
    this.#draw();
  }

  #draw() {
    if (this.#session && this.#session.shownView !== "burned") {
      this.#scene.draw({ exact: this.#sync === "exact" });
    } else {
      this.#scene.clear();
    }
  }

  /** `exact` holds frames back until their results are there; small changes are not worth a jerk. */
  #applyDelay() {
    const session = this.#session;
    if (!session) {
      return;
    }
    const wanted = this.#sync === "exact" ? this.#scene.delayMs : 0;
    if (Math.abs(wanted - session.delayMs) >= DELAY_STEP_MS || wanted === 0) {
      session.delayMs = wanted;
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
