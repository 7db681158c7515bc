// A camera's zones and lines on the server: as they are written, and how they come to be.

import { ask, cameraPath } from "../api.js";

const SAVING_MS = 60_000;

/** Rejects with an ApiError. */
export class AreasFile {
  #camera;
  #tag = null;

  constructor(camera) {
    this.#camera = camera;
  }

  /** `{ zones, lines, not_writable }` */
  async read() {
    return this.#kept(await ask(cameraPath(this.#camera, "areas")));
  }

  /** Status 412 where they were changed since they were read or saved here; `anyway` overwrites that. */
  async save(areas, { anyway }) {
    const headers = { "Content-Type": "application/json", "If-Match": anyway ? "*" : this.#tag };
    const request = { method: "PUT", headers, body: JSON.stringify(areas) };
    return this.#kept(await ask(cameraPath(this.#camera, "areas"), request, SAVING_MS));
  }

  /** For the configuration's file, by hand. */
  async yaml(areas) {
    const headers = { "Content-Type": "application/json", Accept: "application/yaml" };
    const request = { method: "POST", headers, body: JSON.stringify(areas) };
    return (await ask(cameraPath(this.#camera, "areas/snippet"), request)).text();
  }

  #kept(response) {
    this.#tag = response.headers.get("ETag");
    return response.json();
  }
}

/** The problems of a refused save: `{ kind, name, key }` say what each speaks of, null where it is something else. */
export function problemsOf(error, camera) {
  return error.errors.map((problem) => {
    const [place, kind, name, key] = problem.name.match(/^cameras\.([\w-]+)\.(?:(zone|line)s\.([\w-]+)(?:\.(\w+))?)?/)?.slice(1) ?? [];
    return place === camera && kind ? { ...problem, about: { kind, name, key: key ?? "name" } } : { ...problem, about: null };
  });
}
