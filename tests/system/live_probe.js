// Reads, for every frame that the playing page shows, where the mark is and where the overlay's box is.

const element = document.querySelector("fw-live");
const states = [];
const samples = [];
element.addEventListener("statechange", ({ detail }) => states.push(detail));

await customElements.whenDefined("fw-live");
const canvas = Object.assign(document.createElement("canvas"), { height: 1 });
const context = canvas.getContext("2d", { willReadFrequently: true });
const marks = new Map();

/** The picture that can be read may be another one already, or none any more: a callback may come late. */
function pictureOf(video) {
  try {
    return new VideoFrame(video);
  } catch {
    return null;
  }
}

function markAt(video, mediaTime) {
  const picture = pictureOf(video);
  if (!picture) {
    return null;
  }
  const same = Math.abs(picture.timestamp - 1e6 * mediaTime) < 5_000;
  canvas.width = video.videoWidth;
  context.drawImage(picture, 0, video.videoHeight / 2, video.videoWidth, 1, 0, 0, video.videoWidth, 1);
  picture.close();
  const { data } = context.getImageData(0, 0, canvas.width, 1);
  let [count, sum] = [0, 0];
  for (let x = 0; x < canvas.width; x += 1) {
    const magenta = data[4 * x] > 180 && data[4 * x + 1] < 100 && data[4 * x + 2] > 180;
    [count, sum] = magenta ? [count + 1, sum + x + 0.5] : [count, sum];
  }
  return same && count ? sum / count : null;
}

// The element's callback for a frame may run before or after this one, so they are matched by media time.
function frameShown(_, frame) {
  const { video, stats } = element;
  video.requestVideoFrameCallback(frameShown);
  marks.set(frame.mediaTime, markAt(video, frame.mediaTime));
  const [box] = stats.boxes;
  samples.push({
    pts: stats.displayedPts,
    aheadMs: stats.aheadMs,
    mark: marks.get(stats.mediaTime) ?? null,
    box: box ? box.x + box.w / 2 : null,
    measured: box?.measured,
  });
}
element.video.requestVideoFrameCallback(frameShown);

/** Whether the overlay's canvas has something just where the box's left edge must be on the screen. */
function drawnOnTheEdge() {
  const { boxes, width, height } = element.stats;
  const overlay = element.shadowRoot.querySelector("canvas");
  const scale = Math.min(overlay.width / width, overlay.height / height);
  const left = (overlay.width - width * scale) / 2 + boxes[0].x * scale;
  const middle = (overlay.height - height * scale) / 2 + (boxes[0].y + boxes[0].h / 2) * scale;
  const pixels = overlay.getContext("2d").getImageData(Math.round(left) - 1, Math.round(middle), 3, 1).data;
  return pixels[3] + pixels[7] + pixels[11] > 0;
}

window.probe = { element, states, samples, drawnOnTheEdge };
