// Zones and lines as SVG, in pixels of the picture on the screen.

const HEAD_PX = 9;
const SIDE_PX = 30;
const TEXT_PX = { width: 36, height: 14 };

/** A new SVG element. */
export function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

/** A polygon with a dark rim, so that it is seen on every picture. */
export function zoneShape(points, size) {
  const path = points.map((point) => pixels(point, size).join(",")).join(" ");
  return svg("g", { class: "shape" }, svg("polygon", { class: "rim", points: path }), svg("polygon", { class: "edge", points: path }));
}

/** A line from → to with its arrow, and at its middle an arrow to each side that counts. */
export function lineShape([from, to], direction, size) {
  const [start, end] = [pixels(from, size), pixels(to, size)];
  const shape = svg("g", { class: "shape" }, ...arrow(start, end));
  const length = Math.hypot(end[0] - start[0], end[1] - start[1]);
  if (length > 0) {
    const right = [(start[1] - end[1]) / length, (end[0] - start[0]) / length];
    const middle = [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2];
    for (const [side, sign] of [["right", 1], ["left", -1]]) {
      if (direction === "any" || direction === side) {
        shape.append(sideArrow(side, middle, right.map((part) => sign * part), size));
      }
    }
  }
  return shape;
}

/** An open line through points that are still being set. */
export function strokeShape(points, size) {
  const path = points.map((point) => pixels(point, size).join(",")).join(" ");
  return svg("g", { class: "shape" }, svg("polyline", { class: "rim", points: path }), svg("polyline", { class: "edge", points: path }));
}

export const pixels = ([x, y], { width, height }) => [x * width, y * height];

/** Its name stands beside the tip; both stay in the picture. */
function sideArrow(side, [x, y], [toX, toY], { width, height }) {
  const within = (value, margin, most) => Math.max(margin, Math.min(most - margin, value));
  const end = [within(x + SIDE_PX * toX, 2, width), within(y + SIDE_PX * toY, 2, height)];
  const place = {
    x: within(end[0] + Math.abs(toY) * TEXT_PX.width * 0.7, TEXT_PX.width / 2, width),
    y: within(end[1] + Math.abs(toX) * TEXT_PX.height, TEXT_PX.height / 2 + 2, height),
  };
  const text = svg("text", { class: "side-name", "dominant-baseline": "middle", "text-anchor": "middle", ...place });
  text.textContent = side;
  return svg("g", { class: "side", "data-side": side }, ...arrow([x, y], end), text);
}

function arrow(start, end) {
  const angle = Math.atan2(end[1] - start[1], end[0] - start[0]);
  const wing = (turn) => [end[0] - HEAD_PX * Math.cos(angle + turn), end[1] - HEAD_PX * Math.sin(angle + turn)];
  const [one, other] = [wing(0.5), wing(-0.5)];
  const path = `M${start}L${end}M${one}L${end}L${other}`;
  return [svg("path", { class: "rim", d: path }), svg("path", { class: "edge", d: path })];
}
