// The dashboard: asks how the cameras do, follows what happens, and says when the server is away.

import { AddPage } from "./add/page.js";
import { AlertsPage } from "./alerts/page.js";
import { get } from "./api.js";
import { CameraPage, cameraIn } from "./camera/page.js";
import { EventsPage } from "./events/page.js";
import { Feed } from "./feed.js";
import { forgetOrder, isOwnOrder } from "./order.js";
import { RecordingsPage } from "./recordings/page.js";
import { settings } from "./settings.js";
import { SystemPage } from "./system.js";
import { Viewer } from "./viewer.js";
import { Wall } from "./wall.js";

const POLL_MS = 2000;
const ROOT = document.documentElement;
const PHONE = matchMedia("(max-width: 760px)");
const byId = (id) => document.getElementById(id);

const wall = new Wall();
const feed = new Feed((name) => wall.title(name));
const viewer = new Viewer(feed);
const events = new EventsPage((name) => wall.title(name), feed, viewer);
const recordings = new RecordingsPage((name) => wall.title(name));
const alerts = new AlertsPage((name) => wall.title(name), viewer);
const add = new AddPage();
const pages = new Map([
  ["system", new SystemPage()],
  ["add", add],
  ["events", events],
  ["recordings", recordings],
  ["alerts", alerts],
]);
const camera = new CameraPage();
const SHORTCUTS = { c: "", t: "#events", v: "#recordings", a: "#alerts", s: "#system" };

let away = true;
let asking = false;
let timer = null;

/** Asks now, and again and again while somebody can see it. */
async function poll() {
  clearTimeout(timer);
  if (asking) {
    return;
  }
  asking = true;
  await ask();
  asking = false;
  if (!document.hidden) {
    timer = setTimeout(poll, POLL_MS);
  }
}

async function ask() {
  try {
    const { cameras } = await get("/api/v1/cameras");
    wall.show(cameras);
    nameEvents();
    events.cameras = recordings.cameras = alerts.cameras = cameras;
    summarise(cameras);
    await returned();
  } catch (error) {
    wentAway(error);
  }
}

/** After the server was away nothing that is shown can be trusted, and the page itself may be an old one. */
async function returned() {
  if (!away) {
    return;
  }
  const { version } = await get("/healthz");
  if (version !== ROOT.dataset.version) {
    location.reload();
    return;
  }
  await feed.load();
  await openLinked();
  away = false;
  byId("banner").hidden = true;
}

/** The event that the page's address names: where the link of an alert leads. */
async function openLinked() {
  const address = new URL(location.href);
  const id = address.searchParams.get("event");
  if (id === null) {
    return;
  }
  address.searchParams.delete("event");
  history.replaceState(null, "", address);
  try {
    viewer.open(await get(`/api/v1/events/${encodeURIComponent(id)}`));
  } catch (error) {
    if (error.status !== 404) {
      throw error;
    }
  }
}

function wentAway(error) {
  away = true;
  feed.close();
  byId("banner").hidden = false;
  byId("banner-text").textContent =
    error.status === 0 ? "The server does not answer. Trying again…" : `The server has a problem: ${error.message}`;
}

function summarise(cameras) {
  const online = cameras.filter(({ state }) => state === "online").length;
  const allOnline = online === cameras.length;
  const summary = byId("summary");
  summary.textContent = cameras.length ? `${online} of ${cameras.length} online` : "No cameras";
  summary.dataset.state = allOnline ? "online" : "offline";
}

function showEvents(shown) {
  document.body.classList.toggle("with-events", shown);
  byId("toggle-events").setAttribute("aria-pressed", String(shown));
  if (shown) {
    countUnseen(0);
  }
}

function toggleEvents() {
  const shown = !document.body.classList.contains("with-events");
  showEvents(shown);
  if (!PHONE.matches) {
    settings.set("events", shown ? "shown" : "hidden");
  }
}

let unseen = 0;

function countUnseen(count) {
  unseen = count;
  byId("unseen").hidden = count === 0;
  byId("unseen").textContent = count > 99 ? "99+" : String(count);
}

function pressed(event) {
  const outside = !event.target.closest("dialog, [popover]");
  const typing = !outside || event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey;
  if (camera.name !== null && outside && camera.pressed(event)) {
    return;
  }
  if (event.key in SHORTCUTS && !typing) {
    location.hash = SHORTCUTS[event.key];
  } else if (!wall.shown && camera.name === null) {
    return;
    return;
  } else if (event.key === "e" && !typing) {
    toggleEvents();
  } else if (event.key === "Escape" && !typing && wall.enlarged && !document.fullscreenElement) {
    wall.enlarge(null);
  }
}

const pageName = () => location.hash.slice(1).split("?", 1)[0];

/** The page that the address' hash names, or else the wall; what is not shown plays nothing. */
function showPage() {
  const wanted = pages.get(pageName());
  const name = cameraIn(location.hash);
  const before = camera.name;
  const others = [...pages.values()].filter((page) => page.shown && page !== wanted);
  others.forEach((page) => (page.shown = false));
  wall.shown = !wanted && name === null;
  document.body.classList.toggle("on-page", wanted !== undefined);
  if (name !== before) {
    camera.name = name;
    follow();
  }
  if (wanted && !wanted.shown) {
    wanted.shown = true;
  }
  if (wall.shown && before !== null) {
    wall.focus(before);
  }
}

/** The events of one camera alone, where one is shown alone. */
function follow() {
  feed.camera = camera.name ?? wall.enlarged;
  nameEvents();
}

function nameEvents() {
  const name = camera.name ?? wall.enlarged;
  byId("events-title").textContent = name ? `Events · ${wall.title(name)}` : "Events";
}

settings.bind(document);
settings.addEventListener("change", ({ detail: { name, value } }) => {
  if (name === "theme") {
    ROOT.dataset.theme = value;
  }
});
feed.addEventListener("added", ({ detail }) => {
  if (detail.severity === "alert" && !document.body.classList.contains("with-events")) {
    countUnseen(unseen + 1);
  }
});
wall.addEventListener("enlarge", follow);
add.addEventListener("added", poll);
byId("toggle-events").addEventListener("click", toggleEvents);
byId("settings").addEventListener("toggle", () => (byId("reset-order").disabled = !isOwnOrder()));
byId("reset-order").addEventListener("click", () => {
  forgetOrder();
  byId("reset-order").disabled = true;
});
byId("logout").hidden = ROOT.dataset.auth !== "token";
document.addEventListener("keydown", pressed);
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : poll()));
addEventListener("hashchange", () => {
  showPage();
  if (PHONE.matches) {
    showEvents(false); // there they lie on top of the page
  }
});
showPage();
showEvents(!PHONE.matches && settings.get("events") === "shown");
poll();
