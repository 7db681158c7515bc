// As large as they fit: how many columns a wall of equal pictures gets.

const ASPECT = 16 / 9;
const SMALLEST_WIDTH = 250;

/** `{ columns, width }` of `count` pictures that fill `box` best; too many to fit without scrolling keep a readable width. */
export function fit(count, { width, height }, gap) {
  let best = { columns: 1, width: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const byWidth = (width - gap * (columns - 1)) / columns;
    const byHeight = ((height - gap * (rows - 1)) / rows) * ASPECT;
    const fitting = Math.min(byWidth, byHeight);
    if (fitting > best.width) {
      best = { columns, width: fitting };
    }
  }
  return best.width >= SMALLEST_WIDTH ? best : scrolling(width, gap);
}

function scrolling(width, gap) {
  const columns = Math.max(1, Math.floor((width + gap) / (SMALLEST_WIDTH + gap)));
  return { columns, width: (width - gap * (columns - 1)) / columns };
}
