// The button of a picture that lets one hear it.

import { WORDS } from "./words.js";

const icon = (name) => `<svg aria-hidden="true"><use href="/static/icons.svg#${name}"></use></svg>`;

export class SoundButton {
  element = Object.assign(document.createElement("button"), { type: "button", className: "screen-sound", hidden: true });

  constructor() {
    this.element.title = WORDS.sound;
    this.element.setAttribute("aria-keyshortcuts", "M");
    this.heard = false;
  }

  /** What the camera is called. */
  set title(title) {
    this.element.ariaLabel = WORDS.soundOf(title);
  }

  /** Whether there is any; what has none has no button. */
  set possible(isPossible) {
    this.element.hidden = !isPossible;
  }

  get possible() {
    return !this.element.hidden;
  }

  set heard(isHeard) {
    if (this.element.ariaPressed !== String(isHeard)) {
      this.element.ariaPressed = String(isHeard);
      this.element.innerHTML = icon(isHeard ? "sound" : "muted");
    }
  }
}
