// Names and facts of a camera that is not one of ours yet.

const LIVE_WIDTH = 1280;

/** What a device calls itself; some repeat their model in their name. */
export function spokenCamera({ name, model, host }) {
  const parts = [name, name.includes(model) ? "" : model].filter(Boolean);
  return parts.join(" · ") || host;
}

/** A name as the configuration takes it: `Tür vorn` → `tur_vorn`. */
export function keyOf(name) {
  const letters = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return letters.replace(/[^a-z0-9_-]+/g, "_").replace(/^_+|_+$/g, "") || "camera";
}

/** Of streams, the largest first: which one is analysed beside the first; null where it is the only one. */
export function smaller(streams) {
  const [first, ...others] = streams;
  const less = others.filter(({ width, height }) => width && first.width && width * height < first.width * first.height);
  return less.find(({ width }) => width <= LIVE_WIDTH) ?? less.at(-1) ?? null;
}

/** `640×360`, or nothing where it is not known. */
export const sizeOf = ({ width, height }) => (width && height ? `${width}×${height}` : "");
