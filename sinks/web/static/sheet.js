// A page beside the wall: shown or not, with its link in the bar, its heading and what it says when something fails.

const byId = (id) => document.getElementById(id);

/** Fires `address` when the address changes and still names this page. */
export class Sheet extends EventTarget {
  #name;
  #main;
  #title;
  #shown = false;

  /** `name` is what the address calls it, `main` its element, and `title` what people do. */
  constructor(name, main, title) {
    super();
    [this.#name, this.#main, this.#title] = [name, byId(main), title];
    addEventListener("hashchange", () => this.#shown && location.hash.startsWith(`#${name}`) && this.dispatchEvent(new Event("address")));
  }

  get shown() {
    return this.#shown;
  }

  set shown(shown) {
    this.#shown = shown;
    this.#main.hidden = !shown;
    document.title = shown ? `${this.#title} · Framewatch` : "Framewatch";
    if (shown) {
      this.#link.setAttribute("aria-current", "page");
      byId(this.#main.getAttribute("aria-labelledby")).focus({ preventScroll: true });
    } else {
      this.#link.removeAttribute("aria-current");
      this.#link.focus();
    }
  }

  /** What is wrong; empty where nothing is. */
  set trouble(words) {
    const place = byId(`${this.#name}-trouble`);
    place.hidden = words === "";
    place.textContent = words;
  }

  get #link() {
    return byId(`show-${this.#name}`);
  }
}
