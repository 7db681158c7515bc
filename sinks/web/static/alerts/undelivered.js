// What did not arrive: by sink, and the latest of it, to be sent again.

import { get, post } from "../api.js";
import { fill } from "../table.js";
import { exactTime } from "../time.js";
import { countWords, stateWords } from "./wording.js";

const LATEST = 20;
const COLUMNS = [["Rule"], ["Sink"], ["When"], ["Outcome"], ["Send again"]];
const byId = (id) => document.getElementById(id);

export class Undelivered {
  #section = byId("undelivered");
  #table = byId("undelivered-table");
  #outcome = byId("undelivered-outcome");

  /** `polled` asks again at once. */
  constructor(polled) {
    this.#section.addEventListener("click", ({ target }) => target.dataset.resend && this.#resend(JSON.parse(target.dataset.resend), polled));
  }

  async ask() {
    const { deliveries, sinks } = await get(`/api/v1/alerts/deliveries?state=dead&state=dropped&limit=${LATEST}`);
    const told = sinks.filter(({ waiting, dead, dropped_24h }) => waiting + dead + dropped_24h > 0);
    this.#section.hidden = told.length === 0 && deliveries.length === 0;
    this.#showSinks(told);
    fill(this.#table, COLUMNS, deliveries.map(row), "Nothing was given up on.");
    deliveries.forEach(({ id, rule, sink }, at) => this.#showButton(this.#table.tBodies[0].rows[at].cells[4], id, `${rule} to ${sink}`));
  }

  #showSinks(sinks) {
    const list = byId("undelivered-sinks");
    const text = JSON.stringify(sinks);
    if (list.dataset.shown === text) {
      return;
    }
    list.dataset.shown = text;
    list.replaceChildren(...sinks.map((sink) => {
      const item = document.createElement("li");
      item.append(countWords(sink));
      if (sink.dead) {
        item.append(resendButton("Send all again", { sink: sink.sink }, `Send all again to ${sink.sink}`));
      }
      return item;
    }));
  }

  #showButton(cell, id, about) {
    const wanted = JSON.stringify({ ids: [id] });
    if (cell.firstElementChild?.dataset.resend !== wanted) {
      cell.replaceChildren(resendButton("Send again", { ids: [id] }, `Send again: ${about}`));
    }
  }

  async #resend(which, polled) {
    try {
      const { count } = await post("/api/v1/alerts/deliveries/resend", which);
      this.#outcome.textContent = count === 1 ? "One is on its way again." : `${count} are on their way again.`;
    } catch (error) {
      this.#outcome.textContent = `That did not work: ${error.message}.`;
    }
    byId("undelivered-title").focus({ preventScroll: true }); // the button that was pressed will go
    polled();
  }
}

const row = (delivery) => [delivery.rule, delivery.sink, exactTime(delivery.created_at), { text: stateWords(delivery), state: "bad" }, "Send again"];

function resendButton(textContent, which, ariaLabel) {
  const button = Object.assign(document.createElement("button"), { className: "button", textContent, ariaLabel });
  button.dataset.resend = JSON.stringify(which);
  return button;
}
