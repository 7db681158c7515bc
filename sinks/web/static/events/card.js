// One event as a card: its picture, what happened, where and when.

import { clockTime, exactTime } from "../time.js";
import { eventIcon, eventTitle } from "../wording.js";

const template = document.getElementById("card-template");

export function createCard({ id }) {
  const card = template.content.firstElementChild.cloneNode(true);
  card.dataset.id = id;
  return card;
}

export function renderCard(card, event, detail) {
  const part = (name) => card.querySelector(`.card-${name}`);
  card.dataset.severity = event.severity;
  part("title").textContent = eventTitle(event);
  part("detail").textContent = [detail, ...attributesOf(event)].join(" · ");
  part("severity").hidden = event.severity !== "alert";
  part("clip").hidden = event.clip !== "ready";
  part("reviewed").hidden = !event.reviewed;
  part("pinned").hidden = !event.pinned;
  part("pick").firstElementChild.ariaLabel = `Select: ${eventTitle(event)}, ${exactTime(event.started_at)}`;
  const time = card.querySelector("time");
  time.dateTime = new Date(event.started_at * 1000).toISOString();
  time.title = exactTime(event.started_at);
  time.textContent = clockTime(event.started_at);
}

/** `address` is null where there is no picture. */
export function renderCardPicture(card, event, address) {
  const frame = card.querySelector(".card-picture");
  const shown = frame.querySelector("img");
  if (!address) {
    frame.querySelector("use")?.setAttribute("href", `/static/icons.svg#${eventIcon(event)}`);
  } else if (!shown) {
    frame.replaceChildren(Object.assign(document.createElement("img"), { src: address, alt: "", loading: "lazy" }));
  } else if (shown.getAttribute("src") !== address) {
    shown.src = address;
  }
}

/** Texts, and what is true by its name; numbers are for programs. */
const attributesOf = ({ attributes }) =>
  Object.entries(attributes).flatMap(([name, value]) => (typeof value === "string" ? [value] : value === true ? [name] : []));
