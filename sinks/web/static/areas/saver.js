// What was drawn on its way into the configuration's file, and what the server says of it.

import { problemsOf } from "./file.js";
import { problemInWords, says } from "./wording.js";

const WAYS_OUT = [["reload", "Take theirs"], ["overwrite", "Save mine anyway"]];

/** Fires `change` when `busy` or `problems` do. A problem is `{ id, key, text }`; `id` null is about no area of the draft. */
export class Saver extends EventTarget {
  busy = false;
  problems = [];
  #panel;
  #file;
  #draft;
  #camera;

  /** `why` nothing can be saved; empty where it can. */
  constructor(panel, file, draft, camera, why) {
    super();
    [this.#panel, this.#file, this.#draft, this.#camera] = [panel, file, draft, camera];
    this.#mayWrite(why);
  }

  async save({ anyway }) {
    this.busy = true;
    this.#complain([]);
    try {
      const { not_writable } = await this.#file.save(this.#draft.written, { anyway });
      this.busy = false;
      this.#mayWrite(not_writable);
      this.#draft.saved();
      this.say(says.saved);
    } catch (error) {
      this.busy = false;
      this.#refused(error);
    }
  }

  /** What somebody else has saved meanwhile. */
  async reload() {
    try {
      const written = await this.#file.read();
      this.#complain([]);
      this.#draft.replace(written);
    } catch (error) {
      this.#complain([], `${error.message}.`);
    }
  }

  async copy() {
    const place = this.#panel.querySelector(".areas-yaml");
    try {
      place.value = await this.#file.yaml(this.#draft.written);
    } catch (error) {
      this.#complain([], `${error.message}.`);
      return;
    }
    place.hidden = false;
    place.scrollIntoView({ block: "nearest" });
    const copied = await navigator.clipboard?.writeText(place.value).then(() => true, () => false);
    this.say(copied ? says.copied : says.notCopied);
    if (!copied) {
      place.select();
    }
  }

  say(text) {
    this.#part("said").textContent = text;
  }

  #mayWrite(why) {
    this.#part("not-writable").hidden = why === "";
    this.#part("not-writable").textContent = says.notWritable(why);
    this.#panel.querySelector('[data-do="save"]').hidden = why !== "";
  }

  #refused(error) {
    if (error.status === 412) {
      this.#complain([], says.conflict, WAYS_OUT);
      return;
    }
    const problems = problemsOf(error, this.#camera).map((problem) => this.#placed(problem));
    this.#complain(problems, problems.length ? says.refused : `${says.refused} ${error.message}.`);
  }

  #placed({ about, name, ...problem }) {
    const area = about && this.#draft.areas.find((each) => each.kind === about.kind && each.name === about.name);
    const text = problemInWords(problem);
    return area ? { id: area.id, key: about.key, text } : { id: null, key: "", text: `${name}: ${text}` };
  }

  /** Those of an area stand beside the field that each speaks of, all others here. */
  #complain(problems, head = "", ways = []) {
    this.problems = problems;
    const place = this.#part("problems");
    const texts = [head, ...problems.filter(({ id }) => id === null).map(({ text }) => text)].filter(Boolean);
    place.hidden = texts.length === 0;
    place.replaceChildren(...texts.map((textContent) => made("p", { textContent })), ...ways.map(button));
    this.say("");
    this.dispatchEvent(new Event("change"));
  }

  #part(name) {
    return this.#panel.querySelector(`[data-part="${name}"]`);
  }
}

function button([name, textContent]) {
  const way = made("button", { type: "button", className: "tool", textContent });
  way.dataset.do = name;
  return way;
}

const made = (name, properties) => Object.assign(document.createElement(name), properties);
