// A zone or a line between the configuration's form and what is edited. Keys that are not known here stay as they are.

export const FEWEST = { zone: 3, line: 2 };

/** What the configuration takes where a key is not written. */
export const DEFAULTS = {
  zone: { objects: [], attributes: {}, inertia: 3, loitering_time: 0 },
  line: { objects: [], attributes: {}, direction: "any" },
};

const STEP = 1000; // points are kept to a thousandth of the picture

export const rounded = (point) => point.map((value) => Math.round(Math.min(1, Math.max(0, value)) * STEP) / STEP);

/** The points of a zone or line as it is written; null where they are something that cannot be drawn. */
export function pointsOf(kind, written) {
  const points = kind === "line" ? [written.from, written.to] : pairs(written.coordinates);
  const isPoint = (point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite);
  return Array.isArray(points) && points.length >= FEWEST[kind] && points.every(isPoint) ? points : null;
}

/** Frigate's `x1,y1,x2,y2,…` is a list of pairs, too. */
function pairs(coordinates) {
  if (typeof coordinates !== "string") {
    return coordinates;
  }
  const numbers = coordinates.split(",").filter((part) => part.trim()).map(Number);
  return numbers.flatMap((number, at) => (at % 2 ? [] : [[number, numbers[at + 1]]]));
}

/** The same area at other points; what it was written as stays where nothing moved. */
export function placed(area, points) {
  const before = pointsOf(area.kind, area.written);
  if (JSON.stringify(before) === JSON.stringify(points)) {
    return { ...area, points };
  }
  const keys = area.kind === "line" ? { from: points[0], to: points[1] } : { coordinates: points };
  return { ...area, points, written: { ...keys, ...area.written, ...keys } };
}

/** What a key says; its default where it is not written. */
export const said = (area, key) => area.written[key] ?? DEFAULTS[area.kind][key];

/** The same area with another value of a key; a default need not be written. */
export function saying(area, key, value) {
  const { [key]: _, ...others } = area.written;
  const isDefault = JSON.stringify(value) === JSON.stringify(DEFAULTS[area.kind][key]);
  return { ...area, written: isDefault ? others : { ...area.written, [key]: value } };
}

/** As the rules take it: everything filled in. */
export function ruled(area) {
  const attributes = Object.fromEntries(Object.entries(said(area, "attributes")).map(([name, value]) => [name, [value].flat()]));
  return { ...DEFAULTS[area.kind], ...area.written, attributes, points: area.points };
}

/** `colour: red, blue` a line, as a person writes them. */
export function attributesInWords(attributes) {
  return Object.entries(attributes).map(([name, values]) => `${name}: ${[values].flat().join(", ")}`).join("\n");
}

/** The map that such lines say; what is not of this form is left to the server to complain of. */
export function attributesOfWords(text) {
  const lines = text.split("\n").map((line) => line.split(":")).filter(([name]) => name.trim());
  return Object.fromEntries(lines.map(([name, ...values]) => {
    const known = values.join(":").split(",").map((value) => value.trim()).filter(Boolean).map(scalar);
    return [name.trim(), known.length === 1 ? known[0] : known];
  }));
}

function scalar(text) {
  if (text === "true" || text === "false") {
    return text === "true";
  }
  return Number.isFinite(Number(text)) ? Number(text) : text;
}
