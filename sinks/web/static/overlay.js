// Draws boxes, labels and marks over a video that keeps its proportions inside its element.

const FONT_PX = 12;
const LINE_PX = 2;
const OPEN_SHARE = 0.25; // of its sides, that the box of something not seen on this very frame shows: its corners

/** A colour (`rgb(…)`) for a label, the same as on the server: FNV-1a of the label picks one of 24 hues. */
export function colourOf(label) {
  let hash = 2166136261;
  for (const character of label) {
    hash = Math.imul(hash ^ character.codePointAt(0), 16777619) >>> 0;
  }
  const [hue, saturation, lightness] = [hash % 24, 0.9, 0.62];
  const range = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset) => {
    const place = (offset + hue / 2) % 12;
    return Math.round(255 * (lightness - range * Math.max(-1, Math.min(place - 3, 9 - place, 1))));
  };
  return `rgb(${channel(0)} ${channel(8)} ${channel(4)})`;
}

export class Overlay {
  #canvas;
  #context;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
  }

  /** Forgets everything and takes the element's size; boxes are drawn sharp on dense screens. */
  clear() {
    const canvas = this.#canvas;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.round(side * ratio));
    if (canvas.width !== width || canvas.height !== height) {
      [canvas.width, canvas.height] = [width, height];
    }
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.clearRect(0, 0, width, height);
  }

  /**
   * `objects` and `marks` are relative to the picture of `video`. Objects that the tracker only supposes to be there
   * get an open box; where `exact` is asked for, so do those that were not measured for this frame. `without` are the
   * layers that are left out: of `boxes`, `labels`, and those that marks are in.
   */
  draw(video, { objects, marks }, { exact, without }) {
    this.clear();
    this.#area = fitted(video, this.#canvas);
    this.#context.font = `600 ${FONT_PX * this.#ratio}px system-ui, sans-serif`;
    this.#context.textBaseline = "middle";
    this.#context.lineJoin = "round";
    marks.filter(({ layer }) => !without.has(layer)).forEach((mark) => this.#mark(mark));
    for (const object of objects) {
      const open = !object.seen || (exact && !object.measured);
      this.#object(object, { open, boxed: !without.has("boxes"), named: !without.has("labels") });
    }
  }

  #area = { left: 0, top: 0, width: 0, height: 0 };

  get #ratio() {
    return window.devicePixelRatio || 1;
  }

  #object({ label, score, box, attributes }, { open, boxed, named }) {
    const colour = colourOf(label);
    if (boxed) {
      (open ? openCorners(box) : [closed(corners(box))]).forEach((points) => this.#stroke(points, colour));
    }
    if (named) {
      const text = [`${label} ${Math.round(score * 100)}%`, inWords(attributes)].filter(Boolean).join(" ");
      this.#tag(text, [box[0], box[1]], colour);
    }
  }

  #mark({ kind, points, text, colour }) {
    const css = `rgb(${colour.join(" ")})`;
    if (kind === "box") {
      this.#stroke(closed(corners(points.flat())), css);
    } else if (kind !== "text") {
      this.#stroke(kind === "polygon" ? closed(points) : points, css);
    }
    if (text) {
      this.#tag(text, points[0], css);
    }
  }

  /** A dark rim keeps every colour legible on every picture. */
  #stroke(points, colour) {
    const path = new Path2D();
    points.forEach((point) => path.lineTo(...this.#place(point)));
    for (const [style, width] of [["rgb(16 16 20 / 0.6)", LINE_PX + 2], [colour, LINE_PX]]) {
      this.#context.strokeStyle = style;
      this.#context.lineWidth = width * this.#ratio;
      this.#context.stroke(path);
    }
  }

  /** Above the point where there is room, else below; never outside the picture. */
  #tag(text, point, colour) {
    const context = this.#context;
    const [x, y] = this.#place(point);
    const height = (FONT_PX + 6) * this.#ratio;
    const width = context.measureText(text).width + 8 * this.#ratio;
    const left = Math.max(this.#area.left, Math.min(x, this.#area.left + this.#area.width - width));
    const top = y - height >= this.#area.top ? y - height : y;
    context.fillStyle = colour;
    context.fillRect(left, top, width, height);
    context.fillStyle = luminance(colour) > 0.45 ? "#101014" : "#fff";
    context.fillText(text, left + 4 * this.#ratio, top + height / 2 + this.#ratio / 2);
  }

  #place([x, y]) {
    return [this.#area.left + x * this.#area.width, this.#area.top + y * this.#area.height];
  }
}

/** What a person reads beside the label, as on the server: texts as they are, what is true by its name. */
export function inWords(attributes) {
  const said = Object.entries(attributes).filter(([, value]) => typeof value === "string" || value === true);
  return said.map(([name, value]) => (value === true ? name : value)).join(", ");
}

/** Where the picture lies in the canvas (`object-fit: contain`), in its pixels. */
function fitted(video, canvas) {
  const scale = Math.min(canvas.width / video.videoWidth, canvas.height / video.videoHeight) || 0;
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
  return { left: (canvas.width - width) / 2, top: (canvas.height - height) / 2, width, height };
}

function corners([x1, y1, x2, y2]) {
  return [[x1, y1], [x2, y1], [x2, y2], [x1, y2]];
}

/** The same points, and back to the first. */
function closed(points) {
  return [...points, points[0]];
}

/** Four angles of three points each. */
function openCorners([x1, y1, x2, y2]) {
  const [dx, dy] = [(x2 - x1) * OPEN_SHARE, (y2 - y1) * OPEN_SHARE];
  const angle = (x, along, y, down) => [[x + along, y], [x, y], [x, y + down]];
  return [angle(x1, dx, y1, dy), angle(x2, -dx, y1, dy), angle(x1, dx, y2, -dy), angle(x2, -dx, y2, -dy)];
}

/** Of `rgb(r g b)`, 0..1. */
function luminance(colour) {
  const [red, green, blue] = colour.match(/\d+/g).map(Number);
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}
