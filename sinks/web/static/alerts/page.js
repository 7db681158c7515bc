// The Alerts page: asks how the rules do while somebody can see it.

import { get } from "../api.js";
import { exactTime } from "../time.js";
import { AlertRule } from "./rule.js";
import { Glimpses } from "./glimpses.js";
import { Switches } from "./switches.js";
import { Undelivered } from "./undelivered.js";

const POLL_MS = 4000;
const byId = (id) => document.getElementById(id);

export class AlertsPage {
  #page = byId("alerts-page");
  #link = byId("show-alerts");
  #rules = new Map();
  #titleOf;
  #viewer;
  #shown = false;
  #timer = null;
  #turn = 0;
  #switches = new Switches((problem) => this.#say(problem), () => this.#poll());
  #undelivered = new Undelivered(() => this.#poll());
  #glimpses = new Glimpses((name) => this.#titleOf(name), () => this.#poll());

  /** `titleOf` says what to call a camera; `viewer` shows one event. */
  constructor(titleOf, viewer) {
    this.#titleOf = titleOf;
    this.#viewer = viewer;
    document.addEventListener("visibilitychange", () => this.#poll());
  }

  get shown() {
    return this.#shown;
  }

  set shown(shown) {
    this.#shown = shown;
    this.#page.hidden = !shown;
    document.title = shown ? "Alerts · Framewatch" : "Framewatch";
    if (shown) {
      this.#link.setAttribute("aria-current", "page");
      byId("alerts-page-title").focus({ preventScroll: true });
    } else {
      this.#link.removeAttribute("aria-current");
      this.#link.focus();
    }
    this.#poll();
  }

  async #poll() {
    clearTimeout(this.#timer);
    const turn = (this.#turn += 1);
    if (!this.#shown || document.hidden) {
      return;
    }
    const error = await this.#ask().then(() => null, (error) => error);
    this.#say(error ? `This may be old: ${error.message}.` : "");
    if (turn === this.#turn) {
      this.#timer = setTimeout(() => this.#poll(), POLL_MS);
    }
  }

  async #ask() {
    const [{ since, alerts }] = await Promise.all([get("/api/v1/alerts"), this.#switches.ask(), this.#undelivered.ask()]);
    byId("alerts-since").textContent = alerts.length ? `Counted since ${exactTime(since)}` : "";
    byId("alerts-empty").hidden = alerts.length > 0;
    const names = new Set(alerts.map(({ name }) => name));
    for (const [name, rule] of this.#rules) {
      if (!names.has(name)) {
        rule.element.remove();
        this.#rules.delete(name);
      }
    }
    for (const alert of alerts) {
      const rule = this.#rules.get(alert.name) ?? this.#add(alert.name);
      rule.show(alert, this.#titleOf);
    }
    await this.#glimpses.ask();
  }

  #add(name) {
    const rule = new AlertRule(name, () => this.#poll());
    rule.element.addEventListener("click", ({ target }) => target.dataset.event && this.#open(target.dataset.event));
    this.#rules.set(name, rule);
    byId("alert-rules").append(rule.element);
    return rule;
  }

  /** One that was deleted since cannot be shown. */
  async #open(id) {
    const error = await get(`/api/v1/events/${encodeURIComponent(id)}`).then((event) => this.#viewer.open(event), (error) => error);
    if (error) {
      this.#say(`The event cannot be shown: ${error.message}.`);
    }
  }

  #say(problem) {
    byId("alerts-trouble").hidden = problem === "";
    byId("alerts-trouble").textContent = problem;
  }
}
