// The System page: how everything does, in numbers; asks for them only while somebody can see them.

import { get } from "./api.js";
import { LogTail } from "./log.js";
import { Sheet } from "./sheet.js";
import { fill } from "./table.js";
import { duration, exactTime } from "./time.js";
import { capitalised, spoken } from "./wording.js";

const POLL_MS = 2000;
const CONFIG_EVERY = 5; // polls: reading it again costs the server something
const STATES = {
  offline: "bad",
  failed: "bad",
  paused: "bad",
  connecting: "waiting",
  waiting: "waiting",
  starting: "waiting",
  restarting: "waiting",
};
const CAMERAS = [["Camera"], ["State"], ["In", "number"], ["Decoded", "number"], ["Analysed", "number"],
  ["Looked at", "number"], ["p50, ms", "number"], ["p95, ms", "number"], ["Decoder"], ["Trouble"]];
const PUSHES = [["Sink"], ["Camera"], ["View"], ["State"], ["Dropped", "number"], ["Trouble"]];
const RECORDING = [["Camera"], ["State"], ["Written", "number"], ["Packets lost", "number"], ["Trouble"]];
const CHANGES = {
  "events.reviewed": "Marked as reviewed",
  "events.unreviewed": "Marked as not reviewed",
  "events.pinned": "Pinned",
  "events.unpinned": "Unpinned",
  "events.deleted": "Deleted",
  "config.areas": "Zones and lines changed",
  "config.camera_added": "Camera added",
  "camera.on": "Camera switched on",
  "camera.off": "Camera switched off",
  "alerts.profile": "Profile switched",
  "alerts.snoozed": "Snoozed",
  "alerts.woken": "Snoozed no longer",
  "alerts.sent_again": "Alerts sent again",
  "alerts.tested": "Alert rule tested",
};
const NO_CAMERAS = "No cameras are configured yet.";
const byId = (id) => document.getElementById(id);

export class SystemPage {
  #page = byId("system");
  #sheet = new Sheet("system", "system", "System");
  #tables = Object.fromEntries([...this.#page.querySelectorAll("table")].map((table) => [table.dataset.table, table]));
  #log = new LogTail();
  #timer = null;
  #turn = 0;
  #polls = 0;
  #resized = new ResizeObserver(() => this.#markScrollers());

  constructor() {
    for (const scroller of this.#page.querySelectorAll(".scrolls")) {
      scroller.role = "group";
      scroller.ariaLabel = scroller.querySelector("caption").textContent;
      this.#resized.observe(scroller);
      this.#resized.observe(scroller.querySelector("table"));
    }
    document.addEventListener("visibilitychange", () => this.#poll());
  }

  get shown() {
    return this.#sheet.shown;
  }

  set shown(shown) {
    this.#sheet.shown = shown;
    this.#polls = 0;
    this.#poll();
  }

  async #poll() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    const turn = this.#turn;
    if (!this.shown || document.hidden) {
      return;
    }
    const error = await this.#ask().then(() => null, (error) => error);
    this.#sheet.trouble = error ? `These numbers are old: ${error.message}.` : "";
    if (turn === this.#turn) {
      this.#timer = setTimeout(() => this.#poll(), POLL_MS);
    }
  }

  async #ask() {
    this.#show(await get("/api/v1/system"));
    await this.#log.update();
    if (this.#polls % CONFIG_EVERY === 0) {
      this.#showConfig(await get("/api/v1/system/config"));
      this.#showAudit(await get("/api/v1/audit?limit=10"));
    }
    this.#polls += 1;
  }

  #show({ uptime_s, analysis, cameras, models, disk, store, version, python, libraries }) {
    const restarts = analysis.restarts ? ` · started again ${analysis.restarts}×` : "";
    const reason = analysis.reason ? ` (${analysis.reason})` : "";
    byId("system-summary").textContent = `Up for ${duration(uptime_s)} · analysis ${analysis.state}${reason}${restarts}`;
    byId("system-summary").dataset.state = STATES[analysis.state] ?? "";
    const tables = this.#tables;
    fill(tables.cameras, CAMERAS, cameras.map(cameraRow), NO_CAMERAS);
    tables.pushes.hidden = !cameras.some(({ pushes }) => pushes.length);
    fill(tables.pushes, PUSHES, cameras.flatMap(pushRows), "");
    const recorded = cameras.filter(({ recording }) => recording.state !== "off");
    tables.recording.hidden = !recorded.length;
    fill(tables.recording, RECORDING, recorded.map(recordingRow), "");
    fillBy(tables.costs, cameras, "cost_ms", "Nothing was analysed yet.");
    fillBy(tables.drops, cameras, "dropped", NO_CAMERAS, String);
    const rows = models.map(({ name, runs, cost_ms }) => [name, runs || "not loaded", costs(cost_ms, cameras)]);
    fill(tables.models, [["Model"], ["Runs"], ["A frame"]], rows, "No model is configured.");
    fill(tables.disk, [[""], [""]], [...diskRows(disk), ...storeRows(store)], "Neither can be read.");
    const versions = Object.entries({ framewatch: version, python, ...libraries });
    fill(tables.versions, [[""], [""]], versions, "");
  }

  #showConfig({ path, valid, problems }) {
    const state = path === null ? "Started without a file." : `${path}: ${valid ? "fine" : "a restart would refuse it"}`;
    byId("config-state").textContent = state;
    this.#tables.config.hidden = valid;
    const rows = problems.map(({ line, key, got, wanted }) => [line === null ? "–" : String(line), key || "–", got, wanted]);
    fill(this.#tables.config, [["Line"], ["Key"], ["Got"], ["Wanted"]], rows, "");
  }

  #showAudit({ entries }) {
    const rows = entries.map(({ at, who, action, subjects }) => [exactTime(at), who, CHANGES[action] ?? action, ofWhat(action, subjects)]);
    fill(this.#tables.audit, [["When"], ["From"], ["What"], ["Of"]], rows, "Nobody has changed anything yet.");
  }

  /** What scrolls must be reached by the keyboard, what does not need not. */
  #markScrollers() {
    for (const scroller of this.#page.querySelectorAll(".scrolls")) {
      const scrolls = scroller.scrollWidth > scroller.clientWidth || scroller.scrollHeight > scroller.clientHeight;
      scroller.toggleAttribute("tabindex", scrolls);
      if (scrolls) {
        scroller.tabIndex = 0;
      }
    }
  }
}

const ofWhat = (action, subjects) =>
  action.startsWith("events.") && subjects.length > 3 ? `${subjects.length} events` : subjects.join(", ");

const title = (camera) => camera.friendly_name || spoken(camera.name);

function cameraRow(camera) {
  const { state, quiet, fps_in, fps_decoded, fps_analysed, looked, latency_p50_ms, latency_p95_ms, decoder } = camera;
  const off = Object.entries(camera.disabled_stages).map(([stage, why]) => `${spoken(stage)} is off: ${why}`);
  const trouble = [...off, camera.last_error].filter(Boolean).join(" · ");
  const shown = { text: capitalised(state) + (quiet ? ", quiet" : ""), state: STATES[state] ?? "" };
  const told = camera.analysis === "running" ? [fps_decoded.toFixed(1), fps_analysed.toFixed(1), String(looked)] : ["–", "–", "–"];
  const latencies = [latency_p50_ms, latency_p95_ms].map((ms) => ms?.toFixed(0) ?? "–");
  return [title(camera), shown, fps_in.toFixed(1), ...told, ...latencies, decoder || "–", { text: trouble, state: "bad" }];
}

function pushRows(camera) {
  return camera.pushes.map(({ sink, view, state, reason, dropped }) => [
    sink, title(camera), capitalised(view), { text: capitalised(state), state: STATES[state] ?? "" }, String(dropped),
    { text: reason, state: STATES[state] ?? "" },
  ]);
}

function recordingRow(camera) {
  const { state, reason, dropped, written_bytes } = camera.recording;
  const shown = { text: capitalised(state), state: STATES[state] ?? "" };
  return [title(camera), shown, bytes(written_bytes), String(dropped), { text: reason, state: "bad" }];
}

/** A column for each name that any of the cameras has in its map. */
function fillBy(table, cameras, map, nothing, say = (value) => value.toFixed(1)) {
  const names = [...new Set(cameras.flatMap((camera) => Object.keys(camera[map])))];
  const columns = [["Camera"], ...names.map((name) => [capitalised(spoken(name)), "number"])];
  const rows = cameras.map((camera) => [title(camera), ...names.map((name) => named(camera[map][name], say))]);
  fill(table, columns, names.length ? rows : [], nothing);
}

const named = (value, say) => (value === undefined ? "–" : say(value));

function costs(cost_ms, cameras) {
  const known = cameras.filter(({ name }) => name in cost_ms);
  return known.map((camera) => `${title(camera)} ${cost_ms[camera.name].toFixed(1)}`).join(" · ") || "–";
}

function diskRows(disk) {
  return disk === null ? [] : [
    ["Media folder", disk.media],
    ["Media", bytes(disk.media_bytes)],
    ["Free", `${bytes(disk.free_bytes)} of ${bytes(disk.total_bytes)}`],
    ...(disk.trouble ? [["No room", disk.trouble]] : []),
  ];
}

function storeRows(store) {
  return store === null ? [] : [
    ["Store", bytes(store.bytes)],
    ["Events", String(store.events)],
    ["Schema version", String(store.schema_version)],
  ];
}

function bytes(count) {
  const power = count < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toFixed(power ? 1 : 0)} ${["B", "kB", "MB", "GB", "TB"][power]}`;
}
