// One session over a WebSocket: the camera's video in fragmented MP4 for a <video>'s Media Source, and the objects in it.

import { problemOf, SessionError } from "./session.js";
import { TICKS_PER_S } from "./timeline.js";

const Source = window.ManagedMediaSource ?? window.MediaSource;
const KEPT_S = 2;
const MAX_SURPLUS_S = 1; // further behind than wanted it jumps
const FAST_SURPLUS_S = 0.4;
const SILENCE_MS = 10_000;
const MAX_WAITING = 1_000;
const KEY_FRAME = 0x02000000;

export const canPlay = Boolean(Source);

/** Fires `message` (detail: the parsed object), plays in `video`; `over` rejects when it has ended. */
export class MseSession extends EventTarget {
  #video;
  #socket = null;
  #buffer = null;
  #mime = "";
  #basePts = 0;
  #keyframes = []; // media times, in s
  #waiting = []; // what is still to be appended: bytes, or the type of all that follow
  #fail;
  #silent;

  constructor(video) {
    super();
    this.#video = video;
    this.over = new Promise((_, reject) => (this.#fail = reject));
    this.over.catch(() => {});
    this.shownView = null;
    this.delayMs = 0;
  }

  /** Of what `requestVideoFrameCallback` tells of a frame. */
  ptsOf({ mediaTime }) {
    return this.#basePts + Math.round(mediaTime * TICKS_PER_S);
  }

  /** When the frame came: the newest one just now, each other by as much earlier as it lies before that. */
  receivedAt({ mediaTime }) {
    return performance.now() - 1000 * Math.max(0, this.#end - mediaTime);
  }

  /** Nothing is lost on this way: it comes later instead. */
  async counts() {
    return null;
  }

  /** Resolves once the server has let us in; raises SessionError. */
  async start(url, signal) {
    const address = new URL(url, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = (this.#socket = new WebSocket(address));
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#received(data);
    signal.addEventListener("abort", () => this.close(), { once: true });
    const opened = await new Promise((resolve) => {
      socket.onopen = () => resolve(true);
      socket.onclose = () => resolve(false);
    });
    if (!opened || signal.aborted) {
      throw await whyNot(url, signal);
    }
    socket.onclose = () => this.#endedByServer();
    this.#hearSomething();
  }

  close() {
    clearTimeout(this.#silent);
    this.#buffer = null;
    this.#waiting.length = 0;
    if (!this.#socket) {
      return;
    }
    this.#socket.onmessage = null;
    this.#socket.close();
    this.#socket = null;
    if (this.#mime) {
      this.#video.onerror = null;
      this.#video.removeAttribute("src");
      this.#video.load();
      this.#video.playbackRate = 1;
    }
  }

  #received(data) {
    this.#hearSomething();
    if (typeof data !== "string") {
      this.#add(data);
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "init") {
      this.#begin(message);
      return;
    }
    if (message.type === "stream" && !message.online) {
      clearTimeout(this.#silent);
    }
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  #begin({ codecs, pts_90k, view }) {
    const mime = `video/mp4; codecs="${codecs}"`;
    if (!Source.isTypeSupported(mime)) {
      this.#fail(new SessionError(`this browser cannot play ${codecs}`));
      return;
    }
    [this.#basePts, this.shownView] = [pts_90k, view];
    if (this.#mime) {
      this.#add(mime);
    } else {
      this.#open(mime);
    }
    this.#mime = mime;
  }

  #open(mime) {
    const source = new Source();
    const address = URL.createObjectURL(source);
    source.onsourceopen = () => {
      URL.revokeObjectURL(address);
      if (this.#socket && source.readyState === "open") {
        this.#buffer = source.addSourceBuffer(mime);
        this.#buffer.onupdateend = () => this.#updated();
        this.#append();
      }
    };
    this.#video.onerror = () => this.#fail(new SessionError(this.#video.error?.message || "the video cannot be played"));
    this.#video.disableRemotePlayback = true; // or there is no ManagedMediaSource
    this.#video.src = address;
  }

  #add(part) {
    this.#waiting.push(part);
    if (this.#waiting.length > MAX_WAITING) {
      this.#fail(new SessionError("the browser takes no more video"));
    }
    this.#append();
  }

  #append() {
    if (!this.#buffer || this.#buffer.updating || !this.#waiting.length) {
      return;
    }
    const part = this.#waiting.shift();
    try {
      if (typeof part === "string") {
        this.#buffer.changeType(part);
        this.#append();
      } else {
        this.#note(part);
        this.#buffer.appendBuffer(part);
      }
    } catch (error) {
      this.#fail(new SessionError(`the video cannot be played (${error.message})`));
    }
  }

  /** The server's fragments are all alike: the picture's time stands at byte 60, its flags at byte 96. */
  #note(part) {
    const bytes = new DataView(part);
    const isFragment = bytes.getUint32(4) === 0x6d6f6f66; // moof
    if (isFragment && bytes.getUint32(96) === KEY_FRAME) {
      this.#keyframes.push(Number(bytes.getBigUint64(60)) / TICKS_PER_S);
    }
  }

  #updated() {
    if (!this.#buffer || this.#buffer.updating) {
      return; // closed, or more has come in the meantime
    }
    this.#followLive();
    if (!this.#removesOld()) {
      this.#append();
    }
  }

  get #end() {
    const { buffered } = this.#video;
    return buffered.length ? buffered.end(buffered.length - 1) : 0;
  }

  /** A gap is jumped over, a long way behind too; a small distance is made up by playing faster, or slower. */
  #followLive() {
    const { buffered, currentTime } = this.#video;
    if (!buffered.length) {
      return;
    }
    const [start, end, wanted] = [buffered.start(buffered.length - 1), this.#end, this.delayMs / 1000];
    const surplus = end - currentTime - wanted;
    if (currentTime < start || surplus > MAX_SURPLUS_S) {
      this.#video.currentTime = Math.max(start, end - wanted);
    }
    const rate = surplus > FAST_SURPLUS_S ? 1.1 : surplus < 0 && wanted ? 0.9 : 1;
    if (this.#video.playbackRate !== rate) {
      this.#video.playbackRate = rate;
    }
  }

  /** Whether it does: up to a key frame, or the pictures after that would go as well. */
  #removesOld() {
    const last = this.#keyframes.findLastIndex((time) => time < this.#video.currentTime - KEPT_S);
    if (last < 1) {
      return false;
    }
    const [kept] = this.#keyframes.splice(0, last + 1).slice(-1);
    this.#keyframes.unshift(kept);
    this.#buffer.remove(0, kept - 0.001);
    return true;
  }

  #hearSomething() {
    clearTimeout(this.#silent);
    const lost = new SessionError("the connection to the server broke off", { blamesTransport: false });
    this.#silent = setTimeout(() => this.#fail(lost), SILENCE_MS);
  }

  #endedByServer() {
    this.#fail(new SessionError("the server ended the session", { blamesTransport: !this.#mime }));
  }
}

/** A browser does not tell why there is no WebSocket; asked plainly, the server does. */
async function whyNot(url, signal) {
  const response = await fetch(url, { signal }).catch(() => null);
  if (!response) {
    return new SessionError("the server does not answer", { blamesTransport: false });
  }
  return response.status === 426 ? new SessionError("no WebSocket to the server") : problemOf(response);
}
