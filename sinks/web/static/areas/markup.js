// The editor's panel. Fixed texts only: what a configuration says comes in as text.

const icon = (name) => `<svg aria-hidden="true"><use href="/static/icons.svg#${name}"></use></svg>`;

export const PANEL = `
  <div class="areas-head">
    <h2 id="areas-title">Zones and lines</h2>
    <button type="button" class="icon-button" data-do="undo" aria-label="Undo" title="Undo (Ctrl+Z)">${icon("undo")}</button>
    <button type="button" class="icon-button" data-do="redo" aria-label="Redo" title="Redo (Ctrl+Shift+Z)">${icon("redo")}</button>
  </div>
  <div class="areas-tools" role="toolbar" aria-label="Drawing">
    <button type="button" class="tool" data-do="zone">${icon("zone")}Draw a zone</button>
    <button type="button" class="tool" data-do="line">${icon("line")}Draw a line</button>
  </div>
  <div class="areas-pen" hidden>
    <p data-part="hint"></p>
    <p class="pen-count" data-part="inside"></p>
    <button type="button" class="tool" data-do="finish">Close the zone</button>
    <button type="button" class="tool" data-do="back">Take back</button>
    <button type="button" class="tool" data-do="cancel">Cancel</button>
  </div>
  <p class="areas-note" data-part="blind" hidden></p>
  <ul class="areas-list" aria-label="Zones and lines"></ul>
  <p class="areas-note" data-part="empty" hidden></p>
  <form class="area-form" hidden></form>
  <div class="areas-problems" role="alert" data-part="problems" hidden></div>
  <p class="areas-note" data-part="not-writable" hidden></p>
  <div class="areas-foot">
    <button type="button" class="primary-button" data-do="save">Save</button>
    <button type="button" class="tool" data-do="copy">Copy YAML</button>
    <button type="button" class="tool" data-do="close">Close</button>
  </div>
  <p class="areas-said" role="status" data-part="said"></p>
  <textarea class="areas-yaml" readonly rows="8" aria-label="Zones and lines as YAML" spellcheck="false" hidden></textarea>
  <p class="only-heard" aria-live="polite" data-part="announced"></p>`;

const problem = (key) => `<p class="field-problem" data-problem="${key}" id="area-problem-${key}" hidden></p>`;

const COMMON = `
  <label class="field">Name
    <input name="name" autocomplete="off" spellcheck="false" aria-describedby="area-problem-name">
  </label>${problem("name")}`;

const WHO = `
  <fieldset class="field" aria-describedby="area-problem-objects">
    <legend>Which objects count</legend>
    <div class="choices" data-part="objects"></div>
    <p class="field-hint">None chosen: all that are tracked.</p>
  </fieldset>${problem("objects")}`;

const ATTRIBUTES = `
  <details class="field">
    <summary>Attributes</summary>
    <label>One a line, as “colour_of_car: red, blue”
      <textarea name="attributes" rows="2" spellcheck="false" aria-describedby="area-problem-attributes"></textarea>
    </label>
  </details>${problem("attributes")}`;

const FOOT = `<div class="area-form-foot">
    <button type="button" class="tool" data-do="add-corner">Add a corner</button>
    <button type="button" class="tool" data-do="remove-corner">Delete corner</button>
    <button type="button" class="tool" data-do="flip">Flip direction</button>
    <button type="button" class="tool danger" data-do="remove">Delete</button>
  </div>
  <p class="field-hint" data-part="corners"></p>`;

export const FORM = {
  zone: `${COMMON}${WHO}
    <div class="field-pair">
      <label class="field">Frames inside to enter
        <input name="inertia" type="number" min="1" step="1" aria-describedby="area-problem-inertia">
      </label>
      <label class="field">Loitering after, in seconds
        <input name="loitering_time" type="number" min="0" step="any" aria-describedby="area-problem-loitering_time">
      </label>
    </div>
    <p class="field-hint">0 seconds: never.</p>
    ${problem("inertia")}${problem("loitering_time")}${problem("coordinates")}${ATTRIBUTES}${FOOT}`,
  line: `${COMMON}${WHO}
    <label class="field">Which way counts
      <select name="direction" aria-describedby="area-problem-direction">
        <option value="any">Both ways</option>
        <option value="left">Out on the left</option>
        <option value="right">Out on the right</option>
      </select>
    </label>${problem("direction")}${problem("from")}${problem("to")}${ATTRIBUTES}${FOOT}`,
};
