// Keeps a rule, or a camera, still for a while, and wakes it.

import { post } from "../api.js";
import { snoozedWords } from "./wording.js";

const template = document.getElementById("snooze-template");

export class Snoozing {
  element = template.content.firstElementChild.cloneNode(true);
  #which;
  #title;
  #changed;

  /** `kind` is `rule` or `camera`, `title` what to call it; `changed` asks again at once. */
  constructor(kind, name, title, changed) {
    this.#which = { kind, name };
    this.#title = title;
    this.#changed = changed;
    const choice = this.#part("choice");
    choice.ariaLabel = `Snooze ${title}`;
    choice.addEventListener("change", () => choice.value !== "" && this.#snooze(Number(choice.value)));
    this.#part("wake").ariaLabel = `Wake ${title}`;
    this.#part("wake").addEventListener("click", () => this.#snooze(0));
  }

  /** UTC seconds; null where it is not snoozed. */
  set until(until) {
    const words = until === null ? "" : snoozedWords(until);
    this.#part("wake").hidden = this.#part("until").hidden = until === null;
    if (this.#part("until").textContent !== words) {
      this.#part("until").textContent = words;
    }
  }

  /** For so many seconds; 0 ends it. */
  async #snooze(seconds) {
    const choice = this.#part("choice");
    choice.value = "";
    choice.focus(); // the button that was pressed will go
    try {
      await post("/api/v1/alerts/snooze", { ...this.#which, seconds });
      this.#say(seconds ? `${this.#title} is snoozed.` : `${this.#title} is awake.`, "done");
    } catch (error) {
      this.#say(`That did not work: ${error.message}.`, "bad");
    }
    this.#changed();
  }

  /** What was done is seen anyway. */
  #say(text, state) {
    const said = this.#part("said");
    said.textContent = text;
    said.dataset.state = state;
    said.classList.toggle("only-heard", state === "done");
  }

  #part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }
}

/** As the API lists who is snoozed; null where this one is not. */
export const untilOf = (snoozes, kind, name) => snoozes.find((each) => each.kind === kind && each.name === name)?.until ?? null;
