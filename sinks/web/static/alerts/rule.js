// One alert rule: what it says, what became of it, and how a test went.

import { post } from "../api.js";
import { dayAt } from "../days.js";
import { hashOf } from "../events/query.js";
import { fill } from "../table.js";
import { duration, exactTime, relativeTime } from "../time.js";
import { Snoozing } from "./snoozing.js";
import { reasonWords, stillWords, whenWords } from "./wording.js";

const template = document.getElementById("alert-template");
const SHOW = "Show";
const TEST_WITHIN_MS = 30_000;
const DELIVERIES = [["Sink"], ["When"], ["Outcome"]];
const LEFT_OUT = [["Why"], ["Events", "number"], ["Latest"], ["Example"]];

export class AlertRule {
  element = template.content.firstElementChild.cloneNode(true);
  #name;
  #snoozing;

  /** `polled` asks again at once. */
  constructor(name, polled) {
    this.#name = name;
    const title = this.element.querySelector("h2");
    title.textContent = name;
    title.id = `alert-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    this.element.setAttribute("aria-labelledby", title.id);
    const button = this.#part("test");
    button.ariaLabel = `Send a test of ${name}`;
    button.addEventListener("click", () => button.ariaDisabled !== "true" && this.#test(button));
    this.#snoozing = new Snoozing("rule", name, name, polled);
    button.before(this.#snoozing.element);
    for (const scroller of this.element.querySelectorAll(".scrolls")) {
      scroller.role = "group";
      scroller.ariaLabel = `${scroller.querySelector("caption").textContent}: ${name}`;
    }
  }

  /** `alert` is as the API tells of it; `titleOf` says what to call a camera. */
  show(alert, titleOf) {
    this.#part("when").textContent = whenWords(alert.when, titleOf);
    const still = stillWords(alert);
    this.#part("still").hidden = still === "";
    this.#part("still").textContent = still;
    this.#snoozing.until = alert.snoozed_until;
    showFacts(this.#part("facts"), facts(alert));
    fill(this.#table("deliveries"), DELIVERIES, alert.deliveries.map(deliveryRow), "Nothing was sent so far.");
    const leftOut = this.#table("left-out");
    fill(leftOut, LEFT_OUT, alert.left_out.map(leftOutRow), "Nothing of its kind was left out.");
    alert.left_out.forEach(({ last_event }, at) => showExample(leftOut.tBodies[0].rows[at].cells[3], last_event));
    markScrollers(this.element);
  }

  async #test(button) {
    const outcome = this.#part("outcome");
    button.ariaDisabled = "true";
    outcome.textContent = "Sending…";
    try {
      const path = `/api/v1/alerts/${encodeURIComponent(this.#name)}/test`;
      const { sinks } = await post(path, {}, TEST_WITHIN_MS);
      outcome.replaceChildren(...sinks.map(outcomeOf));
    } catch (error) {
      outcome.textContent = `The test could not be sent: ${error.message}.`;
    }
    button.ariaDisabled = "false";
  }

  #part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }

  #table(name) {
    return this.#part(name).querySelector("table");
  }
}

const ago = (at) => relativeTime(at, Date.now() / 1000);

const deliveryRow = ({ sink, at, error }) => [sink, exactTime(at), error === null ? "Arrived" : { text: error, state: "bad" }];

const leftOutRow = ({ reason, events, last_at }) => [reasonWords(reason), String(events), ago(last_at), SHOW];

const names = (sinks) => sinks.map((sink) => (sink.type && sink.type !== sink.name ? `${sink.name} (${sink.type})` : sink.name)).join(", ");

function facts(alert) {
  const { name, cooldown, cooldown_per, group, send, escalate_after, escalate_to } = alert;
  const { matched_24h, last_matched_at, delivered_24h, last_delivered_at, last_delivered_event } = alert;
  const matched = last_matched_at === null ? "none so far" : `${matched_24h} in the last 24 hours`;
  const day = matched_24h || last_matched_at === null ? null : dayAt(last_matched_at);
  return [
    ["Sends to", names(send)],
    ...(escalate_to.length ? [[`If nobody acknowledges in ${duration(escalate_after)}`, names(escalate_to)]] : []),
    ["Cooldown", cooldown ? `${duration(cooldown)} for each ${cooldown_per}`.replace(" for each rule", "") : "none"],
    ...(group ? [["One message for", duration(group)]] : []),
    ["Delivered", last_delivered_at === null ? "not so far" : `${delivered_24h} in the last 24 hours`],
    ["Last delivered", last_delivered_at === null ? "–" : ago(last_delivered_at), { event: last_delivered_event }],
    ["Events that fit", matched, { href: last_matched_at === null ? null : hashOf({ day, filters: { rule: name } }) }],
  ];
}

function showFacts(list, facts) {
  const same = list.children.length === facts.length && facts.every(([name, text], at) => list.children[at].textContent === name + text);
  if (!same && !list.contains(document.activeElement)) {
    list.replaceChildren(...facts.map(([name, text, lead]) => fact(name, text, lead)));
  }
}

function fact(name, text, { event = null, href = null } = {}) {
  const both = document.createElement("div");
  const value = document.createElement("dd");
  if (href) {
    value.append(Object.assign(document.createElement("a"), { href, textContent: text }));
  } else if (event) {
    value.append(exampleButton(text, event));
  } else {
    value.textContent = text;
  }
  both.append(Object.assign(document.createElement("dt"), { textContent: name }), value);
  return both;
}

function exampleButton(textContent, event) {
  const button = Object.assign(document.createElement("button"), { className: "link-button", textContent });
  button.dataset.event = event;
  return button;
}

function showExample(cell, event) {
  if (cell.firstElementChild?.dataset.event !== event) {
    cell.replaceChildren(exampleButton(SHOW, event));
    cell.firstElementChild.ariaLabel = "Show the latest of them";
  }
}

function outcomeOf({ sink, error }) {
  const said = document.createElement("span");
  said.dataset.state = error === null ? "good" : "bad";
  said.textContent = error === null ? `${sink}: the test arrived.` : `${sink}: ${error}`;
  return said;
}

function markScrollers(rule) {
  for (const scroller of rule.querySelectorAll(".scrolls")) {
    const scrolls = scroller.scrollWidth > scroller.clientWidth;
    scroller.toggleAttribute("tabindex", scrolls);
    if (scrolls) {
      scroller.tabIndex = 0;
    }
  }
}
