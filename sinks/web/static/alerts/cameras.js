// Cameras that are kept still for a while, whatever the rules say.

import { Snoozing, untilOf } from "./snoozing.js";
import { snoozedCount } from "./wording.js";

const byId = (id) => document.getElementById(id);

export class SnoozedCameras {
  #section = byId("alert-cameras");
  #list = byId("alert-cameras-list");
  #summary = byId("alert-cameras-summary");
  #polled;
  #cameras = new Map();
  #known = "";

  /** `polled` asks again at once. */
  constructor(polled) {
    this.#polled = polled;
  }

  /** `cameras` are `[name, title]`; there is nothing to be kept still without rules. */
  show(cameras, { rules, snoozes }) {
    this.#section.hidden = rules.length === 0 || cameras.length === 0;
    const known = JSON.stringify(cameras);
    if (known !== this.#known) {
      this.#known = known;
      this.#cameras = new Map(cameras.map(([name, title]) => [name, new Snoozing("camera", name, title, this.#polled)]));
      this.#list.replaceChildren(...cameras.map(([name, title]) => item(title, this.#cameras.get(name))));
      byId("alert-cameras-all").open = snoozes.some(({ kind }) => kind === "camera");
    }
    this.#cameras.forEach((camera, name) => (camera.until = untilOf(snoozes, "camera", name)));
    this.#summary.textContent = snoozedCount(cameras.filter(([name]) => untilOf(snoozes, "camera", name) !== null));
  }
}

function item(title, snoozing) {
  const made = document.createElement("li");
  made.append(Object.assign(document.createElement("span"), { className: "snooze-name", textContent: title }), snoozing.element);
  return made;
}
