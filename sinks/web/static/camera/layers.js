// Which of boxes, labels, trails, zones and lines a viewer wants to see.

import { settings } from "../settings.js";

const without = () => new Set(settings.get("without").split(" ").filter(Boolean));

/** Keeps the checkboxes and the setting the same. */
export function bindLayers(group) {
  const boxes = [...group.querySelectorAll("input")];
  const show = () => boxes.forEach((box) => (box.checked = !without().has(box.name)));
  group.addEventListener("change", () => {
    settings.set("without", boxes.filter(({ checked }) => !checked).map(({ name }) => name).join(" "));
  });
  settings.addEventListener("change", ({ detail }) => detail.name === "without" && show());
  show();
}
