// Buttons and keys that move the clock, and mark where it stands.

const LEAP_S = 10;
const SPEEDS = [0.5, 1, 2, 4, 8];
const byId = (id) => document.getElementById(id);
const KEYS = {
  k: "play",
  j: "back",
  l: "forward",
  ArrowLeft: "back",
  ArrowRight: "forward",
  n: "next",
  p: "previous",
  "+": "faster",
  "-": "slower",
  i: "start",
  o: "end",
  m: "sound",
  f: "full",
};

/**
 * Fires `play` to begin or to stop, `leap` with detail: seconds, `beginning` with detail: 1 or -1, `speed` with detail:
 * its factor, `start` and `end` to mark the moment, `sound` to turn it on or off, and `full` for the whole screen or less.
 */
export class Controls extends EventTarget {
  #play = byId("recordings-play");
  #doings = {
    play: () => this.#tell("play"),
    back: () => this.#tell("leap", -LEAP_S),
    forward: () => this.#tell("leap", LEAP_S),
    previous: () => this.#tell("beginning", -1),
    next: () => this.#tell("beginning", 1),
    faster: () => this.#changeSpeed(1),
    slower: () => this.#changeSpeed(-1),
    start: () => this.#tell("start"),
    end: () => this.#tell("end"),
    sound: () => this.#tell("sound"),
    full: () => this.#tell("full"),
  };

  constructor() {
    super();
    for (const name of ["play", "back", "forward", "previous", "next", "start", "end", "full"]) {
      byId(`recordings-${name}`).addEventListener("click", this.#doings[name]);
    }
    byId("recordings-speed").addEventListener("change", () => this.#tell("speed", this.speed));
  }

  get speed() {
    return Number(byId("recordings-speed").querySelector(":checked").value);
  }

  set playing(isPlaying) {
    const name = isPlaying ? "Pause" : "Play";
    if (this.#play.ariaLabel !== name) {
      Object.assign(this.#play, { ariaLabel: name, title: `${name} (Space)` });
      this.#play.querySelector("use").setAttribute("href", `/static/icons.svg#${name.toLowerCase()}`);
    }
  }

  /** True where the key was one of these, and not for a field or for what is on top. */
  pressed({ key, target, ctrlKey, metaKey, altKey }) {
    if (ctrlKey || metaKey || altKey || target.closest("dialog, [popover], select, textarea, input[type='date']")) {
      return false;
    }
    const isArrow = key.startsWith("Arrow") && target.closest("input, [role='toolbar']");
    const isPress = key === " " && target.closest("button, a, summary, input[type='checkbox'], input[type='radio']");
    const doing = this.#doings[key === " " ? "play" : KEYS[key]];
    if (!doing || isArrow || isPress) {
      return false;
    }
    doing();
    return true;
  }

  #changeSpeed(by) {
    const speed = SPEEDS[SPEEDS.indexOf(this.speed) + by];
    if (speed) {
      byId("recordings-speed").querySelector(`[value="${speed}"]`).checked = true;
      this.#tell("speed", speed);
    }
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
