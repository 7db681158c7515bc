// Points, lines and polygons, exactly as the server's rules reckon with them (pipeline/core/geometry.py): x to the
// right, y down, relative to the picture. A test holds both against each other.

const ON_EDGE = 1e-9;

/** A point of the box by its name; as a rule the middle of its lower edge, where an object stands. */
export function anchor([x1, y1, x2, y2], which = "bottom_center") {
  const right = which.endsWith("left") ? 0 : which.endsWith("right") ? 1 : 0.5;
  const down = which.startsWith("top") ? 0 : which.startsWith("bottom") ? 1 : 0.5;
  return [x1 * (1 - right) + x2 * right, y1 * (1 - down) + y2 * down];
}

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

/** The share of a box that lies in the polygon. */
export function overlap(polygon, [x1, y1, x2, y2]) {
  const whole = Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
  if (whole === 0) {
    return depth(polygon, [x1, y1]) >= 0 ? 1 : 0;
  }
  const sides = [[0, x1, 1], [0, x2, -1], [1, y1, 1], [1, y2, -1]];
  const part = sides.reduce((kept, [axis, limit, keeps]) => cut(kept, axis, limit, keeps), polygon);
  return Math.min(1, Math.abs(doubledArea(part)) / 2 / whole);
}

function cut(polygon, axis, limit, keeps) {
  return edges(polygon).flatMap(([start, end]) => {
    const [was, now] = [keeps * (start[axis] - limit), keeps * (end[axis] - limit)];
    const kept = was >= 0 ? [start] : [];
    if (was >= 0 !== now >= 0) {
      const share = was / (was - now);
      kept.push([start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])]);
    }
    return kept;
  });
}

const doubledArea = (polygon) => edges(polygon).reduce((sum, [[x1, y1], [x2, y2]]) => sum + x1 * y2 - x2 * y1, 0);

/** The width of a strip with the same area and girth: how thin a polygon is, roughly. */
export function thickness(polygon) {
  const girth = edges(polygon).reduce((sum, [[x1, y1], [x2, y2]]) => sum + Math.hypot(x2 - x1, y2 - y1), 0);
  return girth > 0 ? Math.abs(doubledArea(polygon)) / girth : 0;
}

export function distanceToSegment(start, end, point) {
  const [alongX, alongY] = [end[0] - start[0], end[1] - start[1]];
  const squared = alongX * alongX + alongY * alongY;
  const share = squared > 0 ? ((point[0] - start[0]) * alongX + (point[1] - start[1]) * alongY) / squared : 0;
  const kept = Math.min(1, Math.max(0, share));
  return Math.hypot(point[0] - start[0] - kept * alongX, point[1] - start[1] - kept * alongY);
}

export const edges = (polygon) => polygon.map((start, at) => [start, polygon[(at + 1) % polygon.length]]);
