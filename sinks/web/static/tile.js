// One camera on the wall: its live picture, how it does, and what is wrong where something is.

import { Line } from "./line.js";
import { createStills } from "./stills.js";
import { settings } from "./settings.js";
import { capitalised, spoken } from "./wording.js";

const TITLES = { connecting: "Connecting", online: "Online", offline: "Offline", ended: "Ended" };
const ANALYSIS = { starting: "Analysis is starting…", restarting: "Analysis is restarting…", failed: "Analysis failed" };
/** Browsers open six connections to one server: moving pictures must leave some for everything else. */
const MOST_MOVING_PICTURES = 3;
/** A picture may be stretched so far: a small stream serves a tile that has this many times its width. */
const MOST_STRETCHED = 1.5;
const STAYS_UNTIL_STRETCHED = 1.75;

const LIVE_SETTINGS = ["view", "sync", "without"];

const liveIsThere = import("./live.js").then(() => true, () => false);
const movingPictures = new Set();

export class Tile {
  #status;
  #playing;
  #live = null;
  #line = new Line();
  #fitting = "large";
  #parts;
  #without = "";
  #removed = new AbortController();

  constructor(status, playing) {
    this.#playing = playing;
    const template = document.getElementById("tile-template");
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.dataset.camera = status.name;
    this.#parts = Object.fromEntries(
      ["picture", "note", "note-title", "note-reason", "note-retry", "chip", "name", "rates"].map((part) => [
        part,
        this.element.querySelector(`.tile-${part}`),
      ]),
    );
    this.#parts.badge = this.element.querySelector(".badge");
    this.element.querySelector('[data-action="fullscreen"]').addEventListener("click", () => this.toggleFullscreen());
    const { signal } = this.#removed;
    settings.addEventListener("change", ({ detail }) => LIVE_SETTINGS.includes(detail.name) && this.#setUpLive(), { signal });
    const resized = new ResizeObserver(() => this.#setUpLive());
    resized.observe(this.element);
    signal.addEventListener("abort", () => resized.disconnect());
    const link = this.element.querySelector('[data-action="camera"]');
    link.href = `#camera/${encodeURIComponent(status.name)}`;
    this.update(status);
  }

  get name() {
    return this.#status.name;
  }

  get title() {
    return this.#status.friendly_name || spoken(this.#status.name);
  }

  update(status) {
    this.#status = status;
    this.element.dataset.state = status.state;
    this.element.setAttribute("aria-label", `${this.title}, ${TITLES[status.state]}`);
    setText(this.#parts.name, this.title);
    setText(this.#parts.badge, TITLES[status.state]);
    this.#showRates(status);
    this.#showAnalysis(status);
    if (isShown(status) && this.#playing) {
      this.#mount();
      this.#setUpLive();
    }
    this.#showNote();
  }

  /** Whether its picture is asked for. */
  set playing(playing) {
    this.#playing = playing;
    if (!playing) {
      this.#unmount();
    }
    this.update(this.#status);
  }

  /** The `<fw-live>` that plays; null while none does. */
  get live() {
    return this.#live?.element ?? null;
  }

  /** Layers that are not drawn here, beside those that the viewer does not want. */
  set without(layers) {
    this.#without = layers;
    this.#setUpLive();
  }

  /** Whether this camera is shown alone. */
  set enlarged(enlarged) {
    const button = this.element.querySelector('[data-action="enlarge"]');
    const label = enlarged ? "All cameras" : "Enlarge";
    setAttribute(button, "aria-label", label);
    setAttribute(button, "title", `${label} (${enlarged ? "Esc" : "Enter"})`);
    setAttribute(button.querySelector("use"), "href", `/static/icons.svg#${enlarged ? "reduce" : "enlarge"}`);
  }

  remove() {
    this.#removed.abort();
    this.#unmount();
    this.element.remove();
  }

  toggleFullscreen() {
    if (document.fullscreenElement) {
      document.exitFullscreen();
    } else {
      this.element.requestFullscreen?.();
    }
  }

  #showRates({ state, fps_in, fps_analysed, latency_p50_ms, latency_p95_ms, dropped, live_reason, decoder, quiet }) {
    const parts = [`${fps_in.toFixed(0)} fps`, quiet ? "quiet" : `${fps_analysed.toFixed(1)} analysed`];
    if (latency_p50_ms !== null && !quiet) {
      parts.push(`${latency_p50_ms.toFixed(0)} ms`);
    }
    if (this.#spares) {
      parts.push("poor line");
    }
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    const more = [
      `${fps_in.toFixed(1)} pictures a second arrive, ${fps_analysed.toFixed(1)} are analysed`,
      latency_p95_ms === null ? "" : `results take ${latency_p50_ms.toFixed(0)} ms, 95% at most ${latency_p95_ms.toFixed(0)} ms`,
      quiet ? "nothing happens: only key frames are decoded" : "",
      decoder ? `decoded by ${decoder}` : "",
      lost ? `${lost} dropped since the start` : "",
      this.#spares ? "video is lost on the way to this browser: the small stream is shown for a while" : "",
      live_reason,
    ];
    this.#parts.rates.hidden = state !== "online";
    this.#parts.rates.title = more.filter(Boolean).join("\n");
    setText(this.#parts.rates, parts.join(" · "));
  }

  #showAnalysis(status) {
    const { state, analysis, disabled_stages, last_error } = status;
    const [stage, why] = Object.entries(disabled_stages)[0] ?? [];
    const blind = state !== "online" && isShown(status) ? "The stream to analyse is away" : "";
    const text = blind || (ANALYSIS[analysis] ?? (stage ? `${capitalised(spoken(stage))} is switched off` : ""));
    const chip = this.#parts.chip;
    chip.hidden = !text || (!isShown(status) && analysis !== "failed");
    chip.dataset.severity = analysis === "failed" || stage ? "bad" : "waiting";
    chip.title = why ?? last_error;
    setText(chip, text);
  }

  /** What stands in for the picture while there is none. */
  #showNote() {
    const { state, inputs } = this.#status;
    const troubled = inputs.find((input) => input.state === state && input.reason) ?? inputs.find((input) => input.reason);
    const shown = isShown(this.#status);
    const note = shown ? this.#noteOfLive() : { title: TITLES[state], reason: capitalised(troubled?.reason ?? "") };
    this.#parts.note.hidden = !note;
    if (note) {
      const retry = shown ? null : troubled?.retry_in_s;
      this.#parts.note.dataset.kind = note.waits || state === "connecting" ? "waiting" : "bad";
      setText(this.#parts["note-title"], note.title);
      setText(this.#parts["note-reason"], note.reason);
      setText(this.#parts["note-retry"], retry ? `Next try in ${Math.ceil(retry)} s` : "");
    }
  }

  #noteOfLive() {
    const { state, reason } = this.#live ?? {};
    if (state === "failed") {
      return { title: "No live picture", reason: capitalised(reason) };
    }
    return state === "connecting" || !this.#live ? { title: "", reason: "", waits: true } : null;
  }

  async #mount() {
    if (this.#live) {
      return;
    }
    this.#live = { state: "connecting", reason: "" };
    const live = await liveIsThere;
    if (!this.#playing) {
      return;
    }
    if (!live) {
      this.#showStills();
      return;
    }
    const element = document.createElement("fw-live");
    element.addEventListener("statechange", ({ detail }) => this.#liveChanged(element, detail));
    element.addEventListener("counted", ({ detail }) => this.#counted(detail));
    this.#live = { ...this.#live, element };
    this.#setUpLive();
    this.#parts.picture.replaceChildren(element);
  }

  #setUpLive() {
    const element = this.#live?.element;
    if (element) {
      this.#fitting = this.#fittingSize(this.#fitting);
      setAttribute(element, "size", this.#spares ? "small" : this.#fitting);
      setAttribute(element, "camera", this.#status.name);
      setAttribute(element, "view", this.#view);
      setAttribute(element, "without", `${settings.get("without")} ${this.#without}`.trim());
      setAttribute(element, "sync", settings.get("sync") === "configured" ? this.#status.sync : settings.get("sync"));
    }
  }

  /** The camera's small stream where that is enough for the pixels that the tile has. */
  #fittingSize(before) {
    const { has_small_stream, inputs } = this.#status;
    const small = inputs.find(({ roles }) => roles.includes("detect"))?.width;
    const pixels = this.element.clientWidth * devicePixelRatio;
    if (!has_small_stream || !small || !pixels) {
      return before;
    }
    return pixels <= small * (before === "small" ? STAYS_UNTIL_STRETCHED : MOST_STRETCHED) ? "small" : "large";
  }

  /** Whether the large stream is what fits, and the line does not take it. */
  get #spares() {
    const hasChoice = this.#status.has_small_stream && this.#view === "overlay";
    return this.#line.isPoor && this.#fitting === "large" && hasChoice;
  }

  get #view() {
    return this.#status.live === "burned" ? "burned" : settings.get("view");
  }

  #counted(counts) {
    const before = this.#line.isPoor;
    this.#line.counted(counts, performance.now());
    if (this.#line.isPoor !== before) {
      this.update(this.#status);
    }
  }

  #liveChanged(element, { state, reason }) {
    if (element !== this.#live?.element) {
      return;
    }
    if (element.transport === "mjpeg" && !movingPictures.has(this)) {
      if (movingPictures.size >= MOST_MOVING_PICTURES) {
        this.#showStills();
        return;
      }
      movingPictures.add(this);
    }
    Object.assign(this.#live, { state, reason });
    this.#showNote();
  }

  #showStills() {
    const picture = createStills(this.#status.name);
    picture.addEventListener("load", () => {
      this.#live.state = "live";
      this.#showNote();
    });
    this.#live = { state: "connecting", reason: "" };
    this.#parts.picture.replaceChildren(picture);
  }

  #unmount() {
    movingPictures.delete(this);
    this.#parts.picture.replaceChildren();
    this.#live = null;
  }
}

/** Whether there is a live picture: it may come from another stream than the one that is analysed. */
function isShown({ state, inputs }) {
  const live = inputs.find(({ roles }) => roles.includes("live"));
  return state === "online" || live?.state === "online";
}

function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value);
  }
}
