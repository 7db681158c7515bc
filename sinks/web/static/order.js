// In which order the cameras stand on the wall: the configuration's, until somebody in this browser moves one.

import { settings } from "./settings.js";

const kept = () => {
  try {
    const names = JSON.parse(settings.get("order"));
    return Array.isArray(names) ? names : [];
  } catch {
    return []; // somebody else wrote it
  }
};

export const isOwnOrder = () => kept().length > 0;

/** Names as they were put; those that are new come last, in the order that they are in. */
export function inOrder(names) {
  const places = new Map(kept().map((name, place) => [name, place]));
  const place = (name) => places.get(name) ?? Infinity;
  return names.toSorted((one, other) => (place(one) === place(other) ? 0 : place(one) - place(other)));
}

/** Cameras that are not there right now keep their places behind those that are. */
export function keepOrder(names) {
  const away = kept().filter((name) => !names.includes(name));
  settings.set("order", JSON.stringify([...names, ...away]));
}

export function forgetOrder() {
  settings.set("order", "[]");
}

/** `names` with one of them at another place. */
export function moved(names, name, place) {
  const others = names.filter((other) => other !== name);
  return others.toSpliced(place, 0, name);
}
