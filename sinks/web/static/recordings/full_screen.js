// The pictures and the playhead on the whole screen.

const byId = (id) => document.getElementById(id);

export class FullScreen {
  #page = byId("recordings-page");
  #button = byId("recordings-full");

  constructor() {
    this.#button.hidden = !document.fullscreenEnabled;
    document.addEventListener("fullscreenchange", () => this.#show(document.fullscreenElement === this.#page));
  }

  toggle() {
    if (document.fullscreenElement) {
      this.leave();
    } else {
      this.#page.requestFullscreen?.();
    }
  }

  leave() {
    if (document.fullscreenElement) {
      document.exitFullscreen();
    }
  }

  #show(isFull) {
    const name = isFull ? "Leave the full screen" : "Full screen";
    Object.assign(this.#button, { ariaLabel: name, title: `${name} (F)` });
    this.#button.querySelector("use").setAttribute("href", `/static/icons.svg#${isFull ? "reduce" : "fullscreen"}`);
  }
}
