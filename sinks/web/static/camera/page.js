// One camera: its live picture, how it does, and the editor of its zones and lines.

import { Snoozing, untilOf } from "../alerts/snoozing.js";
import { get } from "../api.js";
import { Editor } from "../areas/editor.js";
import { AreasFile } from "../areas/file.js";
import { Tile } from "../tile.js";
import { capitalised } from "../wording.js";
import { colourOf, showHealth, showInputs } from "./health.js";
import { bindLayers } from "./layers.js";
import { PAGE } from "./markup.js";

const POLL_MS = 2000;
const HASH = /^#camera\/([^/]+)$/;
const WIDE = 16 / 9;
const NOBODY = [];

/** The camera that an address' hash names; null where it names none. */
export function cameraIn(hash) {
  const found = HASH.exec(hash);
  try {
    return found && decodeURIComponent(found[1]);
  } catch {
    return null; // a hash that somebody has typed
  }
}

export class CameraPage {
  #page = document.getElementById("camera");
  #name = null;
  #status = null;
  #tile = null;
  #snoozing = null;
  #timer = null;
  #turn = 0;
  #editor = null;
  #unsaved = new Map();

  constructor() {
    this.#page.innerHTML = PAGE;
    bindLayers(this.#part("layers"));
    this.#part("edit").addEventListener("click", () => this.#edit());
    document.addEventListener("visibilitychange", () => this.#poll());
    // Not one of the tile's element: it plays with another one after it was away. What does not bubble is captured.
    this.#part("stage").addEventListener("result", ({ detail }) => this.#editor?.result(detail), true);
    addEventListener("beforeunload", (event) => this.#hasUnsaved() && event.preventDefault());
  }

  get name() {
    return this.#name;
  }

  /** The camera that is shown; null shows none, and plays nothing. What was not saved is there again when it comes back. */
  set name(name) {
    this.#leave();
    this.#name = name;
    this.#page.hidden = name === null;
    document.title = "Framewatch";
    delete this.#page.dataset.known;
    if (name !== null) {
      this.#title(name);
      document.getElementById("camera-title").focus({ preventScroll: true });
    }
    this.#poll();
  }

  /** True when the key was for this page, or for a field in it. */
  pressed(event) {
    const typing = event.target.closest("input, textarea, select");
    if (this.#editor?.pressed(event)) {
      event.preventDefault();
      return true;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) {
      return true;
    }
    if (this.#editor) {
      return false;
    }
    if (event.key === "Escape" && !document.fullscreenElement && !document.querySelector(":popover-open")) {
      location.hash = "";
    } else if (event.key === "f") {
      this.#tile?.toggleFullscreen();
    } else {
      return false;
    }
    return true;
  }

  async #poll() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    const turn = this.#turn;
    if (this.#name === null || document.hidden) {
      return;
    }
    const asked = Promise.all([get(`/api/v1/cameras/${encodeURIComponent(this.#name)}`), get("/api/v1/alerts/switches")]);
    const [[status, switches], error] = await asked.then((answers) => [answers, null], (error) => [[null, null], error]);
    if (turn !== this.#turn) {
      return;
    }
    this.#part("trouble").hidden = error === null;
    this.#part("trouble").textContent = error ? `${capitalised(error.message)}.` : "";
    this.#page.dataset.known = String(status !== null || this.#status !== null);
    if (status) {
      this.#show(status);
      this.#showAlerts(switches);
    }
    this.#timer = setTimeout(() => this.#poll(), POLL_MS);
  }

  #show(status) {
    this.#status = status;
    if (this.#tile) {
      this.#tile.update(status);
    } else {
      this.#open(status);
    }
    this.#title(this.#tile.title);
    this.#part("state").textContent = capitalised(status.state);
    this.#part("state").dataset.state = colourOf(status.state);
    this.#part("stage").style.setProperty("--aspect", this.#aspect());
    showHealth(this.#part("health"), status);
    showInputs(this.#part("inputs"), status);
  }

  /** There is nothing to be kept still without rules. */
  #showAlerts({ rules, snoozes }) {
    this.#part("alerts").hidden = rules.length === 0;
    this.#snoozing.until = untilOf(snoozes, "camera", this.#name);
  }

  #open(status) {
    this.#tile = new Tile(status, true);
    this.#part("stage").replaceChildren(this.#tile.element);
    this.#snoozing = new Snoozing("camera", status.name, this.#tile.title, () => this.#poll());
    this.#part("snooze").replaceChildren(this.#snoozing.element);
    const unsaved = this.#unsaved.get(status.name);
    if (unsaved) {
      this.#unsaved.delete(status.name);
      this.#begin(unsaved);
    }
  }

  #title(title) {
    const heading = document.getElementById("camera-title");
    if (heading.textContent !== title) {
      heading.textContent = title;
      document.title = `${title} · Framewatch`;
    }
  }

  /** Of the picture: zones lie on it exactly. */
  #aspect() {
    const { videoWidth, videoHeight } = this.#tile.live?.video ?? {};
    const input = this.#status.inputs.find(({ width, height }) => width && height);
    return videoWidth ? videoWidth / videoHeight : input ? input.width / input.height : WIDE;
  }

  async #edit() {
    const { name, plan } = this.#status ?? {};
    if (!name || this.#editor) {
      return;
    }
    const file = new AreasFile(name);
    try {
      const written = await file.read();
      if (this.#name === name && !this.#editor) {
        const editor = new Editor(file, plan, written, () => this.#tile?.live?.objects ?? NOBODY);
        editor.addEventListener("close", () => this.#end());
        this.#begin(editor);
      }
    } catch (error) {
      this.#part("trouble").hidden = false;
      this.#part("trouble").textContent = `${capitalised(error.message)}.`;
    }
  }

  #begin(editor) {
    this.#editor = editor;
    this.#part("stage").append(editor.sketch);
    this.#part("editor").replaceChildren(editor.panel);
    this.#showEditing(true);
    editor.begin(this.#isBlind);
  }

  #end() {
    if (this.#editor.changed && !confirm("Close without saving? What was changed is lost.")) {
      return;
    }
    this.#editor.sketch.remove();
    this.#editor = null;
    this.#showEditing(false);
    this.#part("edit").focus({ preventScroll: true });
  }

  #showEditing(editing) {
    this.#page.classList.toggle("editing", editing);
    document.body.classList.toggle("on-editing", editing); // the picture gets the room
    this.#part("editor").hidden = !editing;
    this.#part("facts").hidden = editing;
    this.#part("edit").hidden = editing;
    this.#tile.without = editing ? "zones lines" : "";
  }

  get #isBlind() {
    const { live } = this.#tile;
    return this.#status.live === "burned" || live?.getAttribute("view") === "burned" || live?.transport === "mjpeg";
  }

  #hasUnsaved() {
    return this.#editor?.changed || this.#unsaved.size > 0;
  }

  #leave() {
    if (this.#editor?.changed) {
      this.#unsaved.set(this.#name, this.#editor);
    }
    if (this.#editor) {
      this.#editor.sketch.remove();
      this.#editor = null;
      this.#showEditing(false);
    }
    this.#tile?.remove();
    [this.#tile, this.#status, this.#snoozing] = [null, null, null];
    for (const part of ["health", "inputs", "state", "stage"]) {
      this.#part(part).replaceChildren();
      delete this.#part(part).dataset.said;
    }
  }

  #part(name) {
    return this.#page.querySelector(`[data-part="${name}"]`);
  }
}
