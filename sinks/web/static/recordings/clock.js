// The time that all pictures show.

/** In UTC seconds. It stands while it is `held`, which is until every picture can go on with it. */
export class Clock {
  #at = 0;
  #since = 0;
  #speed = 1;
  #isPlaying = false;
  #isHeld = false;

  get at() {
    return this.runs ? this.#at + ((performance.now() - this.#since) / 1000) * this.#speed : this.#at;
  }

  set at(at) {
    this.#at = at;
    this.#since = performance.now();
  }

  get runs() {
    return this.#isPlaying && !this.#isHeld;
  }

  get playing() {
    return this.#isPlaying;
  }

  set playing(isPlaying) {
    this.at = this.at;
    this.#isPlaying = isPlaying;
  }

  get held() {
    return this.#isHeld;
  }

  set held(isHeld) {
    if (isHeld !== this.#isHeld) {
      this.at = this.at;
      this.#isHeld = isHeld;
    }
  }

  get speed() {
    return this.#speed;
  }

  set speed(speed) {
    this.at = this.at;
    this.#speed = speed;
  }
}
