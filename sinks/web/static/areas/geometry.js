// Points, lines and polygons, exactly as the server's rules reckon with them (pipeline/core/geometry.py): x to the
// right, y down, relative to the picture. A test holds both against each other.

const ON_EDGE = 1e-9;

/** Where an object stands: the middle of its box's lower edge. */
export const anchor = ([x1, , x2, y2]) => [(x1 + x2) / 2, y2];

/** Distance from the endless line through start and end; positive on the right of somebody who walks that way. */
export function offset(start, end, point) {
  const [alongX, alongY] = [end[0] - start[0], end[1] - start[1]];
  const cross = alongX * (point[1] - start[1]) - alongY * (point[0] - start[0]);
  return cross / Math.hypot(alongX, alongY);
}

/** The side, `left` or `right`, that a step comes out on when it crosses the line, ends included; else null. */
export function crossing(before, after, start, end) {
  const [was, now] = [offset(start, end, before), offset(start, end, after)];
  if (was >= 0 === now >= 0) {
    return null;
  }
  const share = was / (was - now);
  const met = [before[0] + share * (after[0] - before[0]), before[1] + share * (after[1] - before[1])];
  if (distanceToSegment(start, end, met) > ON_EDGE) {
    return null;
  }
  return now >= 0 ? "right" : "left";
}

/** How far the point is inside the polygon; negative outside, 0 on an edge; even-odd where the polygon crosses itself. */
export function depth(polygon, [x, y]) {
  let [inside, nearest] = [false, Infinity];
  for (const [start, end] of edges(polygon)) {
    nearest = Math.min(nearest, distanceToSegment(start, end, [x, y]));
    const spans = start[1] > y !== end[1] > y;
    if (spans && x < start[0] + ((y - start[1]) / (end[1] - start[1])) * (end[0] - start[0])) {
      inside = !inside;
    }
  }
  if (nearest <= ON_EDGE) {
    return 0;
  }
  return inside ? nearest : -nearest;
}

/** The width of a strip with the same area and girth: how thin a polygon is, roughly. */
export function thickness(polygon) {
  let [doubledArea, girth] = [0, 0];
  for (const [[x1, y1], [x2, y2]] of edges(polygon)) {
    doubledArea += x1 * y2 - x2 * y1;
    girth += Math.hypot(x2 - x1, y2 - y1);
  }
  return girth > 0 ? Math.abs(doubledArea) / girth : 0;
}

export function distanceToSegment(start, end, point) {
  const [alongX, alongY] = [end[0] - start[0], end[1] - start[1]];
  const squared = alongX * alongX + alongY * alongY;
  const share = squared > 0 ? ((point[0] - start[0]) * alongX + (point[1] - start[1]) * alongY) / squared : 0;
  const kept = Math.min(1, Math.max(0, share));
  return Math.hypot(point[0] - start[0] - kept * alongX, point[1] - start[1] - kept * alongY);
}

export const edges = (polygon) => polygon.map((start, at) => [start, polygon[(at + 1) % polygon.length]]);
