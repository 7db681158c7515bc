// What this browser remembers of how its user likes the page.

const DEFAULTS = {
  view: "overlay",
  sync: "configured",
  theme: "auto",
  severity: "all",
  events: "shown",
  without: "",
  order: "[]",
};

/** Fires `change` with detail `{ name, value }`. */
class Settings extends EventTarget {
  get(name) {
    return localStorage.getItem(`framewatch.${name}`) ?? DEFAULTS[name];
  }

  set(name, value) {
    localStorage.setItem(`framewatch.${name}`, value);
    this.dispatchEvent(new CustomEvent("change", { detail: { name, value } }));
  }

  /** Keeps every group of radio buttons with `data-setting` and its setting the same. */
  bind(root) {
    for (const group of root.querySelectorAll("[data-setting]")) {
      const name = group.dataset.setting;
      for (const input of group.querySelectorAll("input")) {
        input.checked = input.value === this.get(name);
        input.addEventListener("change", () => this.set(name, input.value));
      }
    }
  }
}

export const settings = new Settings();
