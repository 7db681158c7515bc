// What the alert rules made of the event that is shown large: asked for when somebody wants to know.

import { get } from "../api.js";

const details = document.getElementById("viewer-why");
const list = document.getElementById("viewer-why-list");
let asked = null;

details.addEventListener("toggle", () => details.open && ask(details.dataset.event));

/** Closes what was said of another event. */
export function about(event) {
  if (details.dataset.event !== event.id) {
    details.dataset.event = event.id;
    details.open = false;
    list.replaceChildren();
  }
}

async function ask(id) {
  asked = id;
  const said = await get(`/api/v1/events/${encodeURIComponent(id)}/why`).then(words, (error) => [["", `Nobody knows: ${error.message}`]]);
  if (asked === id && details.dataset.event === id) {
    list.replaceChildren(...said.map(([name, text]) => line(name, text)));
  }
}

function words({ rules, near_misses }) {
  const said = rules.map(({ rule, words }) => [rule, words]);
  const nearly = near_misses.map(({ rule, where, why }) => [[rule, where].filter(Boolean).join(", "), why]);
  return said.length + nearly.length ? [...said, ...nearly] : [["", "No alert rules are configured."]];
}

function line(name, text) {
  const item = document.createElement("li");
  if (name) {
    item.append(Object.assign(document.createElement("strong"), { textContent: name }), ": ");
  }
  item.append(text);
  return item;
}
