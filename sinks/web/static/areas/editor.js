// Editing a camera's zones and lines: the picture, the panel, and how both go together.

import { Draft } from "./draft.js";
import { Fields } from "./fields.js";
import { AreaList } from "./list.js";
import { PANEL } from "./markup.js";
import { Saver } from "./saver.js";
import { Sketch } from "./sketch.js";
import { Trial } from "./trial.js";
import { drawing, placeInWords, problemInWords, says } from "./wording.js";

const FINGERS = matchMedia("(pointer: coarse)");

/** Fires `close`. `sketch` and `panel` are for the page to put where they belong. */
export class Editor extends EventTarget {
  panel = Object.assign(document.createElement("section"), { className: "areas", innerHTML: PANEL });
  #draft;
  #trial;
  #sketch;
  #saver;
  #list = new AreaList(this.panel.querySelector(".areas-list"));
  #fields;
  #doings = this.#allDoings();

  /** `plan` is what runs now, `written` what the file says; `objects()` are those that are drawn now. */
  constructor(file, plan, written, objects) {
    super();
    this.panel.setAttribute("aria-labelledby", "areas-title");
    this.#draft = new Draft(written);
    this.#trial = new Trial(plan.fps);
    this.#trial.follow(this.#draft.areas);
    this.#draft.addEventListener("change", () => this.#trial.follow(this.#draft.areas)); // before it is drawn
    this.#sketch = new Sketch(this.#draft, this.#trial, objects);
    this.#fields = new Fields(this.panel.querySelector("form"), this.#draft, plan.objects.track);
    this.#saver = new Saver(this.panel, file, this.#draft, plan.name, written.not_writable);
    this.#listen();
    this.#show();
  }

  get sketch() {
    return this.#sketch.element;
  }

  get changed() {
    return this.#draft.changed;
  }

  /** To be called once both parts are in the page; `blind` is said where objects are part of the picture. */
  begin(blind) {
    this.#part("blind").hidden = !blind;
    this.#part("blind").textContent = says.blind;
    this.#sketch.look();
    this.#focus("zone");
  }

  /** One analysed frame's message. */
  result(message) {
    this.#trial.result(message);
  }

  /** True when the key was for the editor. */
  pressed({ key, ctrlKey, metaKey, shiftKey, target }) {
    const typing = target.closest("input, textarea, select");
    if ((ctrlKey || metaKey) && !typing && ["z", "y", "Z"].includes(key)) {
      this.#doings[key === "y" || shiftKey ? "redo" : "undo"]();
      return true;
    }
    if (key === "Escape") {
      this.#giveUp(typing);
      return true;
    }
    return false;
  }

  /** One thing at a time: what is being drawn, the field, the selection. */
  #giveUp(typing) {
    if (this.#sketch.pen.kind) {
      this.#sketch.pen.cancel();
    } else if (typing && this.#sketch.selected !== null) {
      this.#list.focus(this.#sketch.selected);
    } else {
      this.#select(null);
    }
  }

  #listen() {
    const { pen, handles } = this.#sketch;
    this.#draft.addEventListener("change", () => this.#changed());
    this.#saver.addEventListener("change", () => this.#answered());
    this.#sketch.addEventListener("select", ({ detail }) => this.#select(detail));
    this.#sketch.addEventListener("seen", () => this.#count());
    this.#list.addEventListener("select", ({ detail }) => this.#chosen(detail));
    handles.addEventListener("corner", () => this.#fields.corner(handles.current));
    pen.addEventListener("change", () => this.#showPen());
    pen.addEventListener("cancel", () => this.#penIsDown());
    pen.addEventListener("done", ({ detail }) => this.#drawn(detail));
    this.panel.addEventListener("click", ({ target }) => this.#clicked(target.closest("[data-do]")));
  }

  #clicked(button) {
    if (button && button.ariaDisabled !== "true") {
      this.#doings[button.dataset.do]();
    }
  }

  /** By the `data-do` of the panel's buttons. */
  #allDoings() {
    return {
      zone: () => this.#draw("zone"),
      line: () => this.#draw("line"),
      finish: () => this.#sketch.pen.finish(),
      back: () => this.#sketch.pen.takeBack(),
      cancel: () => this.#sketch.pen.cancel(),
      undo: () => this.#draft.undo(),
      redo: () => this.#draft.redo(),
      "add-corner": () => this.#sketch.handles.add(Math.max(0, this.#sketch.handles.current)),
      "remove-corner": () => this.#sketch.handles.remove(this.#sketch.handles.current),
      flip: () => this.#flip(),
      remove: () => this.#remove(),
      save: () => this.#saver.save({ anyway: false }),
      overwrite: () => this.#saver.save({ anyway: true }),
      reload: () => this.#saver.reload(),
      copy: () => this.#saver.copy(),
      close: () => this.dispatchEvent(new Event("close")),
    };
  }

  #draw(kind) {
    this.#select(null);
    this.#sketch.pen.begin(kind);
    this.sketch.focus({ preventScroll: true });
    this.sketch.scrollIntoView({ block: "nearest" });
  }

  #penIsDown() {
    this.#showPen();
    this.#focus("zone");
  }

  /** A keyboard on the screen would hide the picture, so that fingers are not led to the name. */
  #drawn({ kind, points }) {
    this.#showPen();
    this.#select(this.#draft.add(kind, points));
    const name = this.panel.querySelector('[name="name"]');
    if (FINGERS.matches) {
      this.#list.focus(this.#sketch.selected);
    } else {
      name.focus({ preventScroll: true });
      name.select();
    }
  }

  #select(id) {
    if (id !== this.#sketch.selected) {
      this.#sketch.selected = id;
      this.#show();
    }
  }

  /** Once more leads to the corners, which a keyboard would have a long way to. */
  #chosen(id) {
    if (id === this.#sketch.selected) {
      this.#sketch.handles.focus(0);
    }
    this.#select(id);
  }

  #flip() {
    const { id, points } = this.#draft.find(this.#sketch.selected);
    this.#draft.move(id, points.toReversed(), null);
  }

  #remove() {
    this.#draft.remove(this.#sketch.selected);
    this.#focus("zone");
  }

  #changed() {
    this.#saver.say("");
    if (this.#sketch.selected !== null && !this.#draft.find(this.#sketch.selected)) {
      this.#sketch.selected = null;
    }
    this.#show();
  }

  #answered() {
    const first = this.#saver.problems.find(({ id }) => id !== null);
    if (first) {
      this.#select(first.id);
    }
    this.#show();
  }

  #show() {
    const { areas, misnamed, canUndo, canRedo, changed } = this.#draft;
    const selected = this.#draft.find(this.#sketch.selected);
    const names = misnamed.map(({ id, wanted }) => ({ id, key: "name", text: problemInWords({ wanted }) }));
    const problems = [...this.#saver.problems, ...names];
    this.#list.show(areas, selected?.id ?? null, new Set(problems.map(({ id }) => id)));
    this.#fields.show(selected);
    this.#fields.complain(problems.filter(({ id }) => id === selected?.id));
    this.#fields.corner(this.#sketch.handles.current);
    this.#part("empty").hidden = areas.length > 0;
    this.#part("empty").textContent = says.empty;
    this.#enable("undo", canUndo);
    this.#enable("redo", canRedo);
    this.#enable("save", changed && names.length === 0 && !this.#saver.busy);
    this.#count();
  }

  #count() {
    const insideOf = (id) => this.#sketch.insides.get(id)?.length ?? 0;
    this.#list.count(this.#draft.areas, (id) => this.#trial.tally(id), insideOf);
    this.#part("inside").textContent = this.#sketch.pen.kind === "zone" ? `${this.#sketch.provisional} inside` : "";
  }

  #showPen() {
    const { kind, points, cursor, canFinish } = this.#sketch.pen;
    this.panel.querySelector(".areas-tools").hidden = kind !== null;
    this.panel.querySelector(".areas-pen").hidden = kind === null;
    this.#part("hint").textContent = drawing[kind] ?? "";
    this.#button("finish").hidden = kind !== "zone";
    this.#enable("finish", canFinish);
    this.#enable("back", points.length > 0);
    const told = [`${points.length} set`, cursor && placeInWords(cursor)].filter(Boolean).join("; ");
    this.#part("announced").textContent = kind ? told : "";
  }

  /** What is only said to be disabled keeps the focus. */
  #enable(name, enabled) {
    this.#button(name).ariaDisabled = String(!enabled);
  }

  #focus(what) {
    this.#button(what).focus({ preventScroll: true });
  }

  #part(name) {
    return this.panel.querySelector(`[data-part="${name}"]`);
  }

  #button(name) {
    return this.panel.querySelector(`[data-do="${name}"]`);
  }
}
