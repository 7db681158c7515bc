// The page for a new camera: where it is, what it shows, what it is called.

import { get, post, postForText } from "../api.js";
import { Sheet } from "../sheet.js";
import { MARKUP } from "./markup.js";
import { Search } from "./search.js";
import { keyOf, sizeOf, smaller, spokenCamera } from "./words.js";

const LOOK_WITHIN_MS = 45_000;
const SAVE_WITHIN_MS = 60_000;
const byId = (id) => document.getElementById(id);

/** Fires `added` with detail: the name, once the camera runs. */
export class AddPage extends EventTarget {
  #page = byId("add");
  #sheet = new Sheet("add", "add", "Add a camera");
  #device = null;
  #stream = null;
  #second = null;
  #search = null;

  get shown() {
    return this.#sheet.shown;
  }

  set shown(shown) {
    if (shown) {
      this.#build();
      this.#askWhetherWritable();
    } else {
      this.#page.replaceChildren(); // the password goes with it
    }
    this.#sheet.shown = shown;
  }

  #build() {
    this.#page.innerHTML = MARKUP;
    this.#device = this.#stream = this.#second = null;
    this.#search = new Search();
    this.#search.addEventListener("choose", ({ detail }) => this.#choose(detail));
    byId("add-address").addEventListener("input", () => this.#typed());
    byId("add-look").addEventListener("submit", (event) => this.#submit(event, "look", () => this.#look()));
    byId("add-save").addEventListener("submit", (event) => this.#submit(event, "save", () => this.#save()));
    byId("add-name").addEventListener("input", () => this.#showKey());
    byId("add-show-lines").addEventListener("click", (event) => this.#submit(event, "save", () => this.#showLines()));
    byId("add-copy").addEventListener("click", () => this.#copy());
  }

  async #askWhetherWritable() {
    const { not_writable: why } = await get("/api/v1/config/writable").catch((error) => ({ not_writable: error.message }));
    if (this.shown && why) {
      byId("add-locked").hidden = false;
      byId("add-locked").textContent = `Nothing can be saved here: ${why}. A camera can be looked at, and its lines copied.`;
      byId("add-save-button").hidden = true;
    }
  }

  /** A device of the list: its address is what it says itself. */
  #choose(camera) {
    this.#device = camera;
    this.#stream = this.#second = null;
    byId("add-address").value = "";
    byId("add-look-button").textContent = `Look at ${camera.host}`;
    byId("add-name").value ||= spokenCamera(camera);
    byId(byId("add-user").value ? "add-look-button" : "add-user").focus();
    this.#forgetWhatWasSeen();
  }

  #typed() {
    this.#device = null;
    this.#stream = this.#second = null;
    this.#search.clear();
    byId("add-look-button").textContent = "Look";
    this.#forgetWhatWasSeen();
  }

  #forgetWhatWasSeen() {
    byId("add-seen").hidden = byId("add-naming").hidden = byId("add-lines").hidden = true;
  }

  /** One thing at a time; what goes wrong is said below the button. */
  async #submit(event, what, work) {
    event.preventDefault();
    const [button, trouble, state] = [`add-${what}-button`, `add-${what}-trouble`, `add-${what}-state`].map(byId);
    if (button.ariaDisabled === "true") {
      return;
    }
    button.ariaDisabled = "true";
    trouble.hidden = true;
    try {
      await work();
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = !button.isConnected;
    } finally {
      state.textContent = "";
      button.ariaDisabled = null;
    }
  }

  async #look() {
    const state = byId("add-look-state");
    this.#forgetWhatWasSeen();
    if (this.#device && !byId("add-address").value) {
      state.textContent = "Asking it for its streams…";
      const { streams } = await post("/api/v1/discover/streams", { service: this.#device.service, ...account() }, LOOK_WITHIN_MS);
      byId("add-address").value = streams[0].address;
      this.#stream = streams[0].address;
      this.#second = smaller(streams);
    }
    const address = byId("add-address").value.trim();
    if (!address) {
      throw new Error("Type an address, or choose one of the cameras found.");
    }
    state.textContent = "Looking. This takes some seconds…";
    const seen = await post("/api/v1/probe", { address, ...account() }, LOOK_WITHIN_MS);
    if (byId("add-address")?.value.trim() === address) {
      this.#show(address, seen);
    }
  }

  #show(address, { facts, picture, second }) {
    this.#second = this.#stream === address && this.#second ? this.#second : second;
    this.#stream = address;
    byId("add-picture").hidden = picture === null;
    byId("add-picture").src = picture === null ? "" : `data:image/jpeg;base64,${picture}`;
    byId("add-no-picture").hidden = picture !== null;
    byId("add-facts").replaceChildren(...facts.flatMap(([what, finding]) => [text("dt", what), text("dd", finding)]));
    byId("add-second-choice").hidden = this.#second === null;
    const size = this.#second ? sizeOf(this.#second) : "";
    byId("add-second-text").textContent = `Analyse its smaller stream${size && ` (${size})`}: that costs this machine much less.`;
    byId("add-seen").hidden = byId("add-naming").hidden = false;
    byId("add-name").value ||= new URL(address.replace(/^\w+:/, "http:")).hostname;
    this.#showKey();
    byId("add-seen-title").focus();
  }

  #showKey() {
    byId("add-key").textContent = `In the configuration: ${keyOf(byId("add-name").value)}`;
    byId("add-lines").hidden = true;
  }

  async #save() {
    byId("add-save-state").textContent = "Adding it…";
    const { name } = await post("/api/v1/cameras", this.#camera(), SAVE_WITHIN_MS);
    this.dispatchEvent(new CustomEvent("added", { detail: name }));
    if (this.shown) {
      location.hash = "";
    }
  }

  async #showLines() {
    byId("add-lines-text").textContent = await postForText("/api/v1/cameras/snippet", this.#camera());
    byId("add-lines").hidden = false;
  }

  async #copy() {
    getSelection().selectAllChildren(byId("add-lines-text"));
    const copied = await navigator.clipboard?.writeText(byId("add-lines-text").textContent).then(() => true, () => false);
    byId("add-save-state").textContent = copied ? "Copied." : "They are marked: copy them with Ctrl-C.";
  }

  #camera() {
    const name = byId("add-name").value.trim();
    const second = this.#second && byId("add-second").checked ? this.#second.address : "";
    return { name: keyOf(name), friendly_name: name, address: this.#stream, second, ...account() };
  }
}

const account = () => ({ user: byId("add-user").value, password: byId("add-password").value });

function text(name, content) {
  return Object.assign(document.createElement(name), { textContent: content });
}
