// What the page for a new camera is made of.

export const MARKUP = `
  <div class="add-head">
    <h1 id="add-title" tabindex="-1">Add a camera</h1>
    <a href="#">Back to the cameras</a>
  </div>
  <p class="add-note" id="add-locked" hidden></p>
  <section aria-labelledby="add-where">
    <h2 id="add-where">Where is it?</h2>
    <div class="add-row">
      <button type="button" class="button" id="add-search">Find cameras on this network</button>
      <p class="add-state" id="add-search-state" role="status"></p>
    </div>
    <ul class="add-found" id="add-found" aria-label="Cameras found" hidden></ul>
    <form id="add-look" autocomplete="off">
      <label for="add-address">Address</label>
      <input id="add-address" type="text" inputmode="url" autocapitalize="off" spellcheck="false"
        placeholder="rtsp://192.168.1.20/stream1" aria-describedby="add-address-help">
      <p class="add-help" id="add-address-help">From the camera's manual or its settings: rtsp://, rtsps://, http:// or https://.</p>
      <div class="add-pair">
        <div>
          <label for="add-user">User</label>
          <input id="add-user" type="text" autocapitalize="off" spellcheck="false" autocomplete="off">
        </div>
        <div>
          <label for="add-password">Password</label>
          <input id="add-password" type="password" autocomplete="new-password">
        </div>
      </div>
      <div class="add-row">
        <button class="button main" id="add-look-button">Look</button>
        <p class="add-state" id="add-look-state" role="status"></p>
      </div>
      <p class="add-trouble" id="add-look-trouble" role="alert" hidden></p>
    </form>
  </section>
  <section id="add-seen" aria-labelledby="add-seen-title" hidden>
    <h2 id="add-seen-title" tabindex="-1">What it shows</h2>
    <div class="add-look">
      <img id="add-picture" alt="The camera's picture" hidden>
      <p id="add-no-picture" hidden>No picture came within the time that was watched.</p>
      <dl id="add-facts"></dl>
    </div>
    <label class="add-check" id="add-second-choice" hidden>
      <input type="checkbox" id="add-second" checked><span id="add-second-text"></span>
    </label>
  </section>
  <section id="add-naming" aria-labelledby="add-naming-title" hidden>
    <h2 id="add-naming-title">What is it called?</h2>
    <form id="add-save" autocomplete="off">
      <label for="add-name">Name</label>
      <input id="add-name" type="text" maxlength="80" required aria-describedby="add-key">
      <p class="add-help" id="add-key"></p>
      <div class="add-row">
        <button class="button main" id="add-save-button">Add camera</button>
        <button type="button" class="button" id="add-show-lines">Show the lines for the file</button>
        <p class="add-state" id="add-save-state" role="status"></p>
      </div>
      <p class="add-trouble" id="add-save-trouble" role="alert" hidden></p>
      <div id="add-lines" hidden>
        <pre id="add-lines-text" tabindex="0" aria-label="Lines for the configuration"></pre>
        <button type="button" class="button" id="add-copy">Copy</button>
      </div>
    </form>
  </section>`;
