// The Recordings page: a moment of some cameras, and the day around it; the address says which.

import { Sheet } from "../sheet.js";
import { exactTime, secondTime } from "../time.js";
import { hashOf, readHash } from "./address.js";
import { Archive } from "./archive.js";
import { Controls } from "./controls.js";
import { Dates } from "./dates.js";
import { Excerpt } from "./excerpt.js";
import { FullScreen } from "./full_screen.js";
import { Playback } from "./playback.js";
import { Reading } from "./reading.js";
import { Timeline } from "./timeline.js";
import { WORDS } from "./words.js";

const byId = (id) => document.getElementById(id);
const now = () => Date.now() / 1000;

export class RecordingsPage {
  #sheet = new Sheet("recordings", "recordings-page", "Recordings");
  #titleOf;
  #archive = new Archive();
  #reading = new Reading(this.#archive);
  #playback = new Playback();
  #timeline = new Timeline();
  #controls = new Controls();
  #dates = new Dates();
  #excerpt = new Excerpt();
  #fullScreen = new FullScreen();
  #cameras = [];
  #chosen = null;
  #turn = 0;
  #isLeaping = false;

  /** `titleOf` says what to call a camera. */
  constructor(titleOf) {
    this.#titleOf = titleOf;
    this.#listen();
  }

  get shown() {
    return this.#sheet.shown;
  }

  set shown(shown) {
    this.#sheet.shown = shown;
    if (shown) {
      this.#open();
    } else {
      this.#turn += 1;
      this.#fullScreen.leave();
      this.#reading.stop();
      this.#playback.stop();
    }
  }

  /** As the API tells of them. */
  set cameras(cameras) {
    const changed = JSON.stringify(cameras.map(summary)) !== JSON.stringify(this.#cameras.map(summary));
    this.#cameras = cameras;
    if (changed && this.shown) {
      this.#show();
    }
  }

  get #clock() {
    return this.#playback.clock;
  }

  #listen() {
    this.#on(this.#sheet, { address: () => this.#open() });
    this.#on(this.#reading, { read: () => this.#read(), failed: (error) => this.#tellTrouble(error) });
    this.#on(this.#playback, { tick: () => this.#tick(), gap: () => this.#leapOver() });
    this.#on(this.#dates, { go: (at) => this.#go(at) });
    this.#on(this.#timeline, {
      choose: (choice) => this.#choose(choice),
      grab: () => (this.#playback.isGrabbed = true),
      scrub: (at) => this.#move(at),
      scrubbed: () => this.#letGo(),
      zoom: () => this.#show(),
    });
    this.#on(this.#controls, {
      play: () => this.#play(!this.#clock.playing),
      leap: (seconds) => this.#leap(seconds),
      beginning: (by) => this.#toBeginning(by),
      speed: (speed) => (this.#clock.speed = speed),
      start: () => this.#excerpt.begin(this.#clock.at),
      end: () => this.#excerpt.end(this.#clock.at),
      sound: () => this.#playback.toggleSound(),
      full: () => this.#fullScreen.toggle(),
    });
    this.#on(this.#excerpt, { change: () => this.#show(), save: (words) => this.#say(words) });
    document.addEventListener("keydown", (event) => this.shown && this.#controls.pressed(event) && event.preventDefault());
  }

  #on(part, doings) {
    for (const [name, doing] of Object.entries(doings)) {
      part.addEventListener(name, ({ detail }) => doing(detail));
    }
  }

  /** What the address says; where it says nothing, the newest there is. */
  async #open() {
    const turn = (this.#turn += 1);
    const { at, cameras } = readHash(location.hash);
    this.#chosen = cameras.length ? cameras.slice(0, this.#playback.most) : null;
    const moment = at ?? (await this.#found(this.#archive.newest(cameras, now())));
    if (turn === this.#turn) {
      this.#clock.at = moment ?? now();
      this.#reading.read(this.#clock.at);
    }
  }

  #read() {
    this.#sheet.trouble = "";
    this.#chosen ??= this.#inOrder(this.#reading.day.cameras).slice(0, this.#playback.most);
    this.#show();
  }

  /** What was sought, or null; says so where the server does not tell. */
  async #found(seeking) {
    return (await seeking.catch((error) => this.#tellTrouble(error))) ?? null;
  }

  #tellTrouble(error) {
    this.#sheet.trouble = `The recordings cannot be shown: ${error.message}.`;
  }

  /** To another moment or other cameras, with an address of its own: the browser's back leads to the one before. */
  #go(at, cameras = this.#chosen ?? []) {
    this.#say("");
    const hash = hashOf({ at, cameras });
    if (hash === location.hash) {
      this.#open();
    } else {
      location.hash = hash;
    }
  }

  /** The address of where one is now. */
  #note() {
    history.replaceState(null, "", hashOf({ at: this.#clock.at, cameras: this.#chosen ?? [] }));
  }

  #choose({ camera, isChosen }) {
    const others = this.#chosen.filter((name) => name !== camera);
    this.#go(this.#clock.at, isChosen ? this.#inOrder([...others, camera]) : others);
  }

  /** To a moment nearby, again and again while somebody drags. */
  #move(at) {
    this.#say("");
    this.#clock.at = Math.min(at, now());
  }

  #letGo() {
    this.#playback.isGrabbed = false;
    this.#note();
  }

  #leap(seconds) {
    this.#move(this.#clock.at + seconds);
    this.#note();
  }

  #play(isPlaying) {
    this.#say("");
    this.#clock.playing = isPlaying;
    if (!isPlaying) {
      this.#note();
    }
  }

  async #toBeginning(by) {
    const turn = this.#turn;
    const found = await this.#found(this.#archive.beginning(this.#chosen ?? [], this.#clock.at, by));
    if (turn !== this.#turn) {
      return;
    }
    if (found) {
      this.#go(found.at);
    }
    this.#say(found ? WORDS.motion(this.#titleOf(found.camera), found.at) : WORDS.noMotion[by]);
  }

  /** Where none of them has video: to where one has it again, which may be here by now. */
  async #leapOver() {
    if (this.#isLeaping) {
      return;
    }
    this.#isLeaping = true;
    const turn = this.#turn;
    const start = await this.#found(this.#archive.videoFrom(this.#chosen, this.#clock.at));
    if (turn === this.#turn && this.#clock.playing) {
      await this.#goOn(start);
    }
    this.#isLeaping = false;
  }

  async #goOn(start) {
    if (start === null) {
      this.#play(false);
      this.#say(WORDS.newest);
    } else {
      this.#move(start);
      await this.#reading.read(start);
    }
  }

  #tick() {
    const { at, playing } = this.#clock;
    this.#controls.playing = playing;
    if (!this.#reading.isOf(at)) {
      this.#reading.read(at);
    }
    if (!this.#timeline.has(at)) {
      this.#show();
    }
    this.#timeline.at = at;
    const time = secondTime(at);
    if (byId("recordings-time").textContent !== time) {
      Object.assign(byId("recordings-time"), { textContent: time, title: exactTime(at) });
    }
  }

  #show() {
    const { day } = this.#reading;
    if (day === null || this.#chosen === null) {
      return;
    }
    const names = this.#inOrder([...new Set([...this.#cameras.map(({ name }) => name), ...day.cameras, ...this.#chosen])]);
    const rows = names.map((name) => ({ name, title: this.#titleOf(name), footage: day.footage(name), happened: day.happened(name) }));
    this.#dates.show(this.#clock.at);
    this.#timeline.marked = this.#excerpt.span;
    this.#timeline.show(this.#clock.at, rows, this.#chosen, this.#playback.most);
    this.#excerpt.show(rows.filter(({ name }) => this.#chosen.includes(name)), day);
    this.#playback.show(this.#chosen, this.#titleOf, day);
    byId("recordings-live").href = this.#chosen.length === 1 ? `#camera/${encodeURIComponent(this.#chosen[0])}` : "#";
    this.#showEmpty(day.cameras.length > 0);
  }

  #showEmpty(hasVideo) {
    const isOff = !hasVideo && this.#cameras.length > 0 && this.#cameras.every(({ recording }) => recording.state === "off");
    byId("recordings-off").hidden = !isOff;
    byId("recordings-empty").hidden = isOff || (hasVideo && this.#chosen.length > 0);
    byId("recordings-empty").textContent = hasVideo ? WORDS.noCameras : WORDS.empty;
    byId("recordings-stage").hidden = this.#chosen.length === 0;
  }

  #inOrder(names) {
    const place = new Map(this.#cameras.map(({ name }, index) => [name, index]));
    return [...names].sort((one, other) => (place.get(one) ?? Infinity) - (place.get(other) ?? Infinity) || one.localeCompare(other));
  }

  #say(text) {
    byId("recordings-said").textContent = text;
  }
}

const summary = ({ name, friendly_name, recording }) => [name, friendly_name, recording?.state === "off"];
