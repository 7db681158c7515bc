// One camera's recorded picture: shows what the clock says, and fetches what comes next.

import { element } from "../stretch.js";
import { Loader } from "./loader.js";
import { Player } from "./player.js";
import { SoundButton } from "./sound.js";
import { WORDS } from "./words.js";

const FIRST_S = 6; // is there quickly
const LONGEST_S = 60;
const AHEAD_S = 20;
const KEPT = 4;
const LOAD_EVERY_MS = 500; // while somebody drags
const SETTLED_MS = 80; // so long at one place it is no drag
const RETRY_MS = 3000;
const EDGE_S = 0.05;

export class Screen {
  element = element("figure", "screen");
  #note = element("p", "screen-note");
  #name = element("span", "screen-name");
  #players = [new Player(), new Player()];
  #live = element("a", "screen-live", WORDS.live);
  #sound = new SoundButton();
  #loader;
  #footage;
  #pieces = [];
  #problem = null;
  #notBefore = 0;
  #wish = { at: null, since: 0 };

  constructor(camera) {
    this.#loader = new Loader(camera);
    this.element.dataset.camera = camera;
    this.#live.href = `#camera/${encodeURIComponent(camera)}`;
    const caption = element("figcaption", "screen-bar");
    caption.append(this.#name, this.#sound.element, this.#live);
    this.element.append(...this.#players.map(({ video }) => video), this.#note, caption);
  }

  /** What to call it, which may be known later than what was recorded of it. */
  set title(title) {
    this.#name.textContent = title;
    this.#live.ariaLabel = `${WORDS.live}: ${title}`;
    this.#sound.title = title;
    this.#players.forEach(({ video }) => (video.ariaLabel = WORDS.recordingOf(title)));
  }

  /** What was recorded of it. */
  set footage(footage) {
    this.#footage = footage;
  }

  /** Whether what is shown has sound. */
  get hasSound() {
    return this.#sound.possible;
  }

  /** Whether its sound is on. */
  set heard(isHeard) {
    this.#sound.heard = isHeard;
    this.#players.forEach((player) => (player.muted = !isHeard));
  }

  /** Shows the clock's moment; true where it needs time for that, so that the others should wait. */
  follow(clock) {
    const { at } = clock;
    const stretch = this.#footage.at(at);
    if (stretch === null) {
      this.#rest("none");
      this.#fetchAhead(at, clock);
      return false;
    }
    const piece = this.#pieceAt(at);
    if (piece === null) {
      this.#want(at, stretch);
      const problem = this.#problemAt(at);
      this.#rest(problem?.state ?? "loading", problem?.why);
      return problem === null;
    }
    const player = this.#playerOf(piece, at);
    if (player.error) {
      this.#rest("unplayable");
      return false;
    }
    return this.#showOn(player, clock);
  }

  pause() {
    this.#players.forEach((player) => player.pause());
  }

  close() {
    this.#loader.drop();
    this.#players.forEach((player) => player.clear());
    this.#pieces.splice(0).forEach((piece) => piece.release());
    this.element.remove();
  }

  #showOn(player, clock) {
    if (player.isReady) {
      this.#front = player;
      this.#sound.possible = player.piece.hasSound;
      player.follow(clock.at, clock.runs, clock.speed);
      this.#say("");
      this.#fetchAhead(player.piece.end, clock, 2 * (player.piece.end - player.piece.start));
    }
    return !player.isReady || player.isSeeking;
  }

  get #front() {
    return this.#players.find(({ video }) => video.classList.contains("shown")) ?? this.#players[0];
  }

  set #front(player) {
    for (const each of this.#players) {
      each.video.classList.toggle("shown", each === player);
      if (each !== player) {
        each.pause();
      }
    }
  }

  get #back() {
    return this.#players.find((player) => player !== this.#front);
  }

  #pieceAt(at) {
    const shown = this.#front.piece;
    return shown?.has(at) ? shown : (this.#pieces.find((piece) => piece.has(at)) ?? null);
  }

  #playerOf(piece, at) {
    const found = this.#players.find((player) => player.piece === piece);
    if (found) {
      return found;
    }
    const player = this.#back;
    player.load(piece, at);
    return player;
  }

  /** What comes after `from` is there before it is needed. */
  #fetchAhead(from, { at, speed, playing }, seconds = FIRST_S) {
    const next = this.#footage.at(from + EDGE_S) ? from + EDGE_S : this.#footage.startAfter(from);
    if (!playing || next === null || next - at > AHEAD_S * speed) {
      return;
    }
    const piece = this.#pieceAt(next);
    if (piece === null && !this.#loader.isBusy && this.#mayLoad(next)) {
      this.#load(next, Math.min(this.#footage.at(next).end, next + Math.min(LONGEST_S, seconds)));
    } else if (piece !== null && this.#players.every((player) => player.piece !== piece)) {
      this.#back.load(piece, next);
    }
  }

  #want(at, stretch) {
    const now = performance.now();
    if (at !== this.#wish.at) {
      this.#wish = { at, since: now };
    }
    const isSettled = now - this.#wish.since > SETTLED_MS;
    if (!this.#loader.brings(at) && this.#mayLoad(at) && (isSettled || now > this.#notBefore)) {
      this.#load(at, Math.min(stretch.end, at + FIRST_S));
    }
  }

  #mayLoad(at) {
    return performance.now() >= (this.#problemAt(at)?.until ?? 0);
  }

  #problemAt(at) {
    return this.#problem !== null && Math.abs(at - this.#problem.at) < FIRST_S ? this.#problem : null;
  }

  async #load(after, before) {
    this.#notBefore = performance.now() + LOAD_EVERY_MS;
    let piece = null;
    try {
      piece = await this.#loader.fetch(after, before);
    } catch (error) {
      this.#failed(after, error.status === 404 ? "none" : "failed", error.message);
    }
    if (piece?.has(after)) {
      this.#problem = null;
      this.#keep(piece, after);
    } else if (piece) {
      piece.release();
      this.#failed(after, "none");
    }
  }

  #failed(at, state, why = "") {
    this.#problem = { at, state, why, until: performance.now() + RETRY_MS };
  }

  #keep(piece, at) {
    const isFar = (one, other) => Math.abs(one.start - at) - Math.abs(other.start - at);
    const isPlayed = (each) => this.#players.some((player) => player.piece === each);
    const spare = this.#pieces.filter((each) => !isPlayed(each)).sort(isFar).slice(KEPT - this.#players.length);
    spare.forEach((each) => each.release());
    this.#pieces = [...this.#pieces.filter((each) => !spare.includes(each)), piece];
  }

  #rest(state, why) {
    this.pause();
    this.#say(state, why);
  }

  #say(state, why = "") {
    if (this.element.dataset.state !== state) {
      this.element.dataset.state = state;
    }
    const text = WORDS.screen(state, why);
    if (this.#note.textContent !== text) {
      this.#note.textContent = text;
    }
  }
}
