// One WebRTC session over WHEP: an offer goes out, video and a data channel come in.

import { problemOf, SessionError } from "./session.js";
import { RtpClock } from "./timeline.js";

const CONNECT_TIMEOUT_MS = 10_000;
const DISCONNECTED_MS = 5_000;
const CLOSE_TIMEOUT_MS = 3_000;

let known = null;

/** The STUN and TURN servers that the server's `Link` headers name; asked for once. */
export async function iceServers(url) {
  known ??= await fetch(url, { method: "OPTIONS" }).then(
    (response) => (response.ok ? parsed(response.headers.get("Link") ?? "") : null),
    () => null, // the offer will say what is wrong
  );
  return known ?? [];
}

/** `<turn:…>; rel="ice-server"; username="…"; credential="…"`, several with commas between them. */
function parsed(links) {
  const entries = links.matchAll(/<([^>]*)>((?:\s*;\s*[\w-]+="(?:[^"\\]|\\.)*")*)/g);
  return [...entries].flatMap(([, urls, attributes]) => {
    const found = [...attributes.matchAll(/([\w-]+)="((?:[^"\\]|\\.)*)"/g)];
    const { rel, username, credential } = Object.fromEntries(
      found.map(([, name, value]) => [name, value.replace(/\\(.)/g, "$1")]),
    );
    return rel === "ice-server" ? [{ urls, ...(username && { username, credential }) }] : [];
  });
}

/** Fires `track` (detail: MediaStream) and `message` (detail: the parsed object); `over` rejects when it has ended. */
export class WhepSession extends EventTarget {
  #connection;
  #receiver;
  #location = null;
  #etag = null;
  #candidates = [];
  #clock = new RtpClock();
  #fail;
  #connectTimer;
  #disconnectedTimer;

  /** Without `h265` the offer leaves that out: a browser may name what it then cannot show. */
  constructor(iceServers = [], { h265 = true } = {}) {
    super();
    this.#connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.over = new Promise((_, reject) => (this.#fail = reject));
    this.over.catch(() => {});
    this.shownView = null;
    const connection = this.#connection;
    const transceiver = connection.addTransceiver("video", { direction: "recvonly" });
    if (!h265) {
      const { codecs } = RTCRtpReceiver.getCapabilities("video");
      transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType.toLowerCase() !== "video/h265"));
    }
    this.#receiver = transceiver.receiver;
    const channel = connection.createDataChannel("objects", { ordered: false, maxRetransmits: 0 });
    channel.onmessage = (event) => this.#told(JSON.parse(event.data));
    channel.onclose = () => this.#endedByServer();
    connection.ontrack = (event) => this.#tell("track", event.streams[0] ?? new MediaStream([event.track]));
    connection.onicecandidate = (event) => this.#found(event.candidate);
    connection.onconnectionstatechange = () => this.#connectionChanged();
  }

  /** How long frames are held back before they are shown. */
  get delayMs() {
    return this.#receiver.jitterBufferTarget ?? 0;
  }

  set delayMs(delay) {
    this.#receiver.jitterBufferTarget = delay;
  }

  /** Of what `requestVideoFrameCallback` tells of a frame; null while that is not known. */
  ptsOf({ rtpTimestamp }) {
    return this.#clock.pts(rtpTimestamp);
  }

  receivedAt({ receiveTime }) {
    return receiveTime;
  }

  /** Resolves once the server has answered; raises SessionError. */
  async start(url, signal) {
    const connection = this.#connection;
    await connection.setLocalDescription(await connection.createOffer());
    const response = await this.#post(url, connection.localDescription.sdp, signal);
    this.#location = new URL(response.headers.get("Location"), response.url).href;
    this.#etag = response.headers.get("ETag");
    this.shownView = response.headers.get("Framewatch-View");
    const answer = await response.text();
    if (signal.aborted) {
      return this.close();
    }
    await connection.setRemoteDescription({ type: "answer", sdp: answer });
    this.#sendCandidates();
    this.#connectTimer = setTimeout(() => this.#failUnlessConnected(), CONNECT_TIMEOUT_MS);
  }

  close() {
    clearTimeout(this.#disconnectedTimer);
    clearTimeout(this.#connectTimer);
    const connection = this.#connection;
    if (!this.#location) {
      connection.close();
      return;
    }
    // In this order: the server ends a session whose connection closes, and would know none to end any more.
    fetch(this.#location, { method: "DELETE", keepalive: true, signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) })
      .catch(() => {}) // the server notices by itself
      .finally(() => connection.close());
    this.#location = null;
  }

  async #post(url, offer, signal) {
    const headers = { "Content-Type": "application/sdp", Accept: "application/sdp" };
    const response = await fetch(url, { method: "POST", headers, body: offer, signal }).catch((error) => {
      throw new SessionError(`the server does not answer (${error.message})`, { blamesTransport: false });
    });
    if (response.ok) {
      return response;
    }
    throw await problemOf(response);
  }

  /** Candidates that hide behind a `.local` name are no use to the server: the checks themselves tell the address. */
  #found(candidate) {
    if (candidate?.candidate && !candidate.candidate.includes(".local ")) {
      this.#candidates.push(candidate);
      this.#sendCandidates();
    }
  }

  #sendCandidates() {
    if (!this.#location || !this.#candidates.length) {
      return;
    }
    const credentials = this.#connection.localDescription.sdp.match(/a=ice-(ufrag|pwd):.*/g).slice(0, 2);
    const found = this.#candidates.splice(0).flatMap((each) => [`a=mid:${each.sdpMid}`, `a=${each.candidate}`]);
    const headers = { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": this.#etag ?? "*" };
    const body = [...credentials, "m=video 9 UDP/TLS/RTP/SAVPF 0", ...found, ""].join("\r\n");
    fetch(this.#location, { method: "PATCH", headers, body }).catch(() => {}); // without them it mostly works, too
  }

  #connectionChanged() {
    clearTimeout(this.#disconnectedTimer);
    const state = this.#connection.connectionState;
    if (state === "failed") {
      this.#fail(new SessionError("no network path to the server for video (UDP)"));
    } else if (state === "disconnected") {
      const lost = new SessionError("the connection to the server broke off", { blamesTransport: false });
      this.#disconnectedTimer = setTimeout(() => this.#fail(lost), DISCONNECTED_MS);
    }
  }

  #endedByServer() {
    this.#location = null;
    this.#fail(new SessionError("the server ended the session", { blamesTransport: false }));
  }

  #failUnlessConnected() {
    if (["new", "connecting"].includes(this.#connection.connectionState)) {
      this.#fail(new SessionError("no network path to the server for video (UDP)"));
    }
  }

  #told(message) {
    if (message.type === "clock") {
      this.#clock.set(message);
    } else {
      this.#tell("message", message);
    }
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
