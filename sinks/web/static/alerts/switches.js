// What is switched of the alerts: the profile, and rules and cameras that are snoozed.

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

  async ask() {
    const { profiles, profile } = await get("/api/v1/alerts/switches");
    this.#place.hidden = profiles.length === 0;
    if (this.#choice.dataset.profiles !== JSON.stringify(profiles)) {
      this.#choice.dataset.profiles = JSON.stringify(profiles);
      this.#choice.replaceChildren(...profiles.map((name) => new Option(capitalised(name), name)));
    }
    if (document.activeElement !== this.#choice) {
      this.#choice.value = profile ?? "";
    }
  }
}

/** For so many seconds; 0 ends it. */
export const snooze = (rule, seconds) => post("/api/v1/alerts/snooze", { kind: "rule", name: rule, seconds });
