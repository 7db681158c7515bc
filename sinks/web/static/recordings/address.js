// Which moment of which cameras, as the address says it: `#recordings?at=2026-11-26T14:03:05Z&camera=lobby&camera=yard`.

/** `{ at, cameras }`; `at` in UTC seconds, or null where the address has no time that can be read. */
export function readHash(hash) {
  const given = new URLSearchParams(hash.split("?")[1] ?? "");
  const at = Date.parse(given.get("at") ?? "") / 1000;
  return { at: at > 0 ? at : null, cameras: [...new Set(given.getAll("camera"))] };
}

export function hashOf({ at, cameras }) {
  const time = new Date(Math.ceil(at * 1000)).toISOString().replace(".000", "");
  const said = new URLSearchParams([["at", time], ...cameras.map((name) => ["camera", name])]);
  return `#recordings?${said.toString().replaceAll("%3A", ":")}`;
}
