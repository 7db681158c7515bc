// A stretch of time, drawn from left to right.

export class Stretch {
  /** From `start` to `end`, in UTC seconds. */
  constructor(start, end) {
    this.start = start;
    this.end = end;
  }

  get seconds() {
    return this.end - this.start;
  }

  has(at) {
    return this.start <= at && at < this.end;
  }

  /** How far from the left a time is, 0 to 1. */
  share(at) {
    return (Math.min(this.end, Math.max(this.start, at)) - this.start) / this.seconds;
  }

  /** Lays a part of a track over what it stands for. */
  place(part, after, before) {
    part.style.left = `${100 * this.share(after)}%`;
    part.style.width = `${100 * (this.share(before) - this.share(after))}%`;
    return part;
  }

  /** The time at which somebody points, on or beside a track. */
  at(track, clientX) {
    const { left, width } = track.getBoundingClientRect();
    return this.start + Math.min(1, Math.max(0, (clientX - left) / width)) * this.seconds;
  }
}

export function element(name, className, textContent = "") {
  return Object.assign(document.createElement(name), { className, textContent });
}
