// Which profile holds, and who switches it.

import { get, post } from "../api.js";
import { capitalised } from "../wording.js";

const byId = (id) => document.getElementById(id);

export class Switches {
  #place = byId("alert-profile");
  #choice = byId("alert-profile-choice");

  /** `failed` is told what went wrong, `polled` asks again at once. */
  constructor(failed, polled) {
    this.#choice.addEventListener("change", () => {
      post("/api/v1/alerts/profile", { profile: this.#choice.value }).catch((error) => failed(`The profile was not switched: ${error.message}.`)).then(polled);
    });
  }

  /** Resolves to all that is switched, as the API says it. */
  async ask() {
    const switches = await get("/api/v1/alerts/switches");
    const { profiles, profile } = switches;
    this.#place.hidden = profiles.length === 0;
    if (this.#choice.dataset.profiles !== JSON.stringify(profiles)) {
      this.#choice.dataset.profiles = JSON.stringify(profiles);
      this.#choice.replaceChildren(...profiles.map((name) => new Option(capitalised(name), name)));
    }
    if (document.activeElement !== this.#choice) {
      this.#choice.value = profile ?? "";
    }
    return switches;
  }
}
