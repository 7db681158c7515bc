// The cameras that answer on the network, to choose one from.

import { post } from "../api.js";
import { spokenCamera } from "./words.js";

const SEARCH_WITHIN_MS = 20_000;
const NOBODY =
  "No camera answered. Only those that speak ONVIF, have it switched on and are on the server's own network do. Its address works all the same.";
const byId = (id) => document.getElementById(id);

/** Fires `choose` with detail: the camera. */
export class Search extends EventTarget {
  #button = byId("add-search");
  #state = byId("add-search-state");
  #list = byId("add-found");

  constructor() {
    super();
    this.#button.addEventListener("click", () => this.#search());
    this.#list.addEventListener("change", ({ target }) => this.#choose(target.camera));
  }

  /** None is chosen any more. */
  clear() {
    for (const input of this.#list.querySelectorAll("input")) {
      input.checked = false;
    }
  }

  async #search() {
    if (this.#button.ariaDisabled === "true") {
      return;
    }
    this.#button.ariaDisabled = "true";
    this.#state.textContent = "Looking for cameras…";
    try {
      const { cameras } = await post("/api/v1/discover", undefined, SEARCH_WITHIN_MS);
      this.#list.replaceChildren(...cameras.map(item));
      this.#list.hidden = cameras.length === 0;
      this.#state.textContent = cameras.length ? `${cameras.length} found. Choose one.` : NOBODY;
    } catch (error) {
      this.#state.textContent = `That did not work: ${error.message}`;
    } finally {
      this.#button.ariaDisabled = null;
    }
  }

  #choose(camera) {
    this.dispatchEvent(new CustomEvent("choose", { detail: camera }));
  }
}

function item(camera) {
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "add-device", camera });
  const name = Object.assign(document.createElement("span"), { textContent: spokenCamera(camera) });
  const host = Object.assign(document.createElement("span"), { className: "add-host", textContent: camera.host });
  const label = document.createElement("label");
  label.append(input, name, host);
  const line = document.createElement("li");
  line.append(label);
  return line;
}
