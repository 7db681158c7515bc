// How one camera does, in words and numbers.

import { clockTime } from "../time.js";
import { capitalised, spoken } from "../wording.js";

const BAD = new Set(["offline", "failed"]);
const WAITING = new Set(["connecting", "starting", "restarting"]);

/** `bad`, `waiting` or nothing. */
export const colourOf = (state) => (BAD.has(state) ? "bad" : WAITING.has(state) ? "waiting" : "");

/** Fills the list of facts; what has not changed is not written, so that a selection stays. */
export function showHealth(list, status) {
  write(list, healthOf(status), (name, { text, state }) => {
    const [term, detail] = [element("dt", name), element("dd", text)];
    detail.dataset.state = state;
    return element("div", "", term, detail);
  });
}

export function showInputs(list, { inputs }) {
  write(list, inputs.map(inputOf), (url, { text, state }) => {
    const said = element("span", text);
    said.dataset.state = state;
    return element("li", "", element("code", url), said);
  });
}

function healthOf(status) {
  const { state, analysis, quiet, fps_in, fps_analysed, latency_p50_ms, latency_p95_ms, dropped, decoder, live, live_reason } = status;
  const lost = Object.entries(dropped).filter(([, count]) => count > 0).map(([place, count]) => `${spoken(place)} ${count}`);
  const off = Object.entries(status.disabled_stages).map(([stage, why]) => `${spoken(stage)} is off: ${why}`);
  const facts = [
    ["State", capitalised(state), colourOf(state)],
    ["Analysis", capitalised(analysis) + (quiet ? ", quiet: only key frames are decoded" : ""), colourOf(analysis)],
    ["Pictures arriving", `${fps_in.toFixed(1)} a second`],
    ["Analysed", `${fps_analysed.toFixed(1)} a second`],
    ["Results take", latency_p50_ms === null ? "–" : `${latency_p50_ms.toFixed(0)} ms, 95 % at most ${latency_p95_ms.toFixed(0)} ms`],
    ["Dropped so far", lost.join(" · ") || "nothing"],
    ["Decoder", decoder || "–"],
    ["Live picture", live_reason ? `encoded: ${live_reason}` : live === "burned" ? "encoded, with everything drawn in" : "as the camera sends it"],
    ...Object.entries(status.lines).map(([line, counted]) => [`Crossed ${spoken(line)}`, countsOf(counted)]),
    ["Last error", [...off, status.last_error].filter(Boolean).join(" · ") || "none", off.length || status.last_error ? "bad" : ""],
  ];
  return facts.map(([name, text, state = ""]) => [name, { text, state }]);
}

function countsOf({ counts, since }) {
  const said = Object.entries(counts).map(([label, count]) => `${spoken(label)} ${count.in} in, ${count.out} out`);
  return `${said.join(" · ")}${since === null ? "" : `, since ${clockTime(since)}`}`;
}

function inputOf({ url, roles, state, reason, codec, width, height, fps_in }) {
  const picture = width ? `${codec} ${width} × ${height}, ${fps_in.toFixed(1)} a second` : "";
  const said = [capitalised(state) + (reason ? `: ${reason}` : ""), picture, `for ${roles.join(", ")}`];
  return [url, { text: said.filter(Boolean).join(" · "), state: colourOf(state) }];
}

function write(list, entries, create) {
  const said = JSON.stringify(entries);
  if (list.dataset.said !== said) {
    list.dataset.said = said;
    list.replaceChildren(...entries.map(([name, value]) => create(name, value)));
  }
}

function element(name, text, ...children) {
  const made = document.createElement(name);
  made.append(text, ...children);
  return made;
}
