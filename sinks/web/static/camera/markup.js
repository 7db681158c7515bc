// The camera page's own markup. Fixed texts only: what a camera says comes in as text.

const icon = (name) => `<svg aria-hidden="true"><use href="/static/icons.svg#${name}"></use></svg>`;

const LAYERS = { boxes: "Boxes", labels: "Labels", trails: "Trails", zones: "Zones", lines: "Lines" };

const layer = ([name, title]) => `<label><input type="checkbox" name="${name}">${title}</label>`;

export const PAGE = `
  <div class="camera-head">
    <a class="icon-button" href="#" data-part="back" aria-label="Back to the cameras" title="Back to the cameras (Esc)">${icon("left")}</a>
    <h1 id="camera-title" tabindex="-1"></h1>
    <p class="camera-state" data-part="state"></p>
    <button type="button" class="tool" data-part="edit">${icon("zone")}<span>Edit<span class="rest"> zones and lines</span></span></button>
  </div>
  <p class="camera-trouble" role="status" data-part="trouble" hidden></p>
  <div class="camera-body">
    <div class="camera-stage" data-part="stage"></div>
    <div class="camera-side">
      <div data-part="editor" hidden></div>
      <div data-part="facts">
        <section aria-labelledby="camera-layers">
          <h2 id="camera-layers">Drawn over the picture</h2>
          <div class="choices" role="group" aria-labelledby="camera-layers" data-part="layers">
            ${Object.entries(LAYERS).map(layer).join("")}
          </div>
          <p class="camera-hint">Here and on the wall, in this browser. What is part of the picture itself stays.</p>
        </section>
        <section aria-labelledby="camera-alerts" data-part="alerts" hidden>
          <h2 id="camera-alerts">Alerts</h2>
          <div data-part="snooze"></div>
          <p class="camera-hint">While it is snoozed no rule tells of this camera. What happens is kept all the same.</p>
        </section>
        <section aria-labelledby="camera-health">
          <h2 id="camera-health">How it does</h2>
          <dl class="camera-facts" data-part="health"></dl>
        </section>
        <section aria-labelledby="camera-inputs">
          <h2 id="camera-inputs">Inputs</h2>
          <ul class="camera-inputs" data-part="inputs"></ul>
        </section>
      </div>
    </div>
  </div>`;
