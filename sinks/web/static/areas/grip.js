// Shapes on the picture are selected by a pointer, and the selected one is moved as a whole.

/**
 * Has `sketch` fire `select` with detail: an area's id, or null beside all of them. By touch a shape is selected by a
 * tap, and only the selected one is dragged: elsewhere a finger scrolls the page. `where(event)` says at which relative
 * point a pointer is.
 */
export function bindGrip(sketch, draft, where) {
  const { element } = sketch;
  let drag = null;
  let held = false; // the pointer that is down does something else than to select
  const areaOf = ({ target }) => draft.find(Number(target.closest("[data-area]")?.dataset.area));
  const select = (area) => sketch.dispatchEvent(new CustomEvent("select", { detail: area?.id ?? null }));
  const letGo = () => (drag = null);

  element.addEventListener("pointerdown", (event) => {
    held = sketch.pen.kind !== null || event.target.closest(".handles") !== null;
    if (held || event.button !== 0) {
      return;
    }
    const area = areaOf(event);
    if (event.pointerType !== "touch") {
      select(area);
    }
    if (area && area.id === sketch.selected) {
      held = true;
      element.setPointerCapture(event.pointerId);
      drag = { id: area.id, from: where(event), points: area.points, step: Symbol("drag") };
    }
  });
  element.addEventListener("pointermove", (event) => {
    if (drag) {
      const [x, y] = where(event);
      draft.move(drag.id, shifted(drag.points, [x - drag.from[0], y - drag.from[1]]), drag.step);
    }
  });
  element.addEventListener("pointerup", letGo);
  element.addEventListener("pointercancel", letGo);
  element.addEventListener("click", (event) => {
    if (event.pointerType === "touch" && !held) {
      select(areaOf(event));
    }
  });
}

/** The same shape elsewhere, and wholly in the picture. */
function shifted(points, by) {
  const [dx, dy] = by.map((step, axis) => {
    const values = points.map((point) => point[axis]);
    return Math.max(-Math.min(...values), Math.min(1 - Math.max(...values), step));
  });
  return points.map(([x, y]) => [x + dx, y + dy]);
}
