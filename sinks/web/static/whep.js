// One WebRTC session over WHEP: an offer goes out, video and a data channel come in.

const CONNECT_TIMEOUT_MS = 10_000;
const DISCONNECTED_MS = 5_000;
const CLOSE_TIMEOUT_MS = 3_000;

/** Why a session could not begin or go on. `blamesWebRTC` is false where waiting helps (the camera is offline). */
export class WhepError extends Error {
  constructor(reason, { blamesWebRTC = true, retryAfterS = 0 } = {}) {
    super(reason);
    this.blamesWebRTC = blamesWebRTC;
    this.retryAfterS = retryAfterS;
  }
}

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
  #location = null;
  #etag = null;
  #candidates = [];
  #fail;
  #connectTimer;
  #disconnectedTimer;

  constructor(iceServers = []) {
    super();
    this.#connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.over = new Promise((_, reject) => (this.#fail = reject));
    this.over.catch(() => {});
    this.shownView = null;
    const connection = this.#connection;
    this.receiver = connection.addTransceiver("video", { direction: "recvonly" }).receiver;
    const channel = connection.createDataChannel("objects", { ordered: false, maxRetransmits: 0 });
    channel.onmessage = (event) => this.#tell("message", JSON.parse(event.data));
    channel.onclose = () => this.#endedByServer();
    connection.ontrack = (event) => this.#tell("track", event.streams[0] ?? new MediaStream([event.track]));
    connection.onicecandidate = (event) => this.#found(event.candidate);
    connection.onconnectionstatechange = () => this.#connectionChanged();
  }

  /** Resolves once the server has answered; raises WhepError. */
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
      throw new WhepError(`the server does not answer (${error.message})`, { blamesWebRTC: false });
    });
    if (response.ok) {
      return response;
    }
    const problem = await response.json().catch(() => ({}));
    throw new WhepError(problem.detail ?? `the server answered ${response.status}`, {
      blamesWebRTC: response.status === 400 || response.status === 406,
      retryAfterS: Number(response.headers.get("Retry-After")) || 0,
    });
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
      this.#fail(new WhepError("no network path to the server for video (UDP)"));
    } else if (state === "disconnected") {
      const lost = new WhepError("the connection to the server broke off", { blamesWebRTC: false });
      this.#disconnectedTimer = setTimeout(() => this.#fail(lost), DISCONNECTED_MS);
    }
  }

  #endedByServer() {
    this.#location = null;
    this.#fail(new WhepError("the server ended the session", { blamesWebRTC: false }));
  }

  #failUnlessConnected() {
    if (["new", "connecting"].includes(this.#connection.connectionState)) {
      this.#fail(new WhepError("no network path to the server for video (UDP)"));
    }
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
