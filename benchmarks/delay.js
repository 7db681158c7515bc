// Shows <fw-live> on an empty page, and notes of each picture on the screen which one it is and when it came.
async ({ camera, sync, bits, bitPx }) => {
  await import("/static/live.js");
  const create = RTCPeerConnection.prototype.createDataChannel;
  const results = new Map(); // pts → when its message came
  RTCPeerConnection.prototype.createDataChannel = function (...wanted) {
    const channel = create.apply(this, wanted);
    channel.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "frame") {
        results.set(message.pts_90k, Date.now());
      }
    });
    return channel;
  };
  const element = document.createElement("fw-live");
  element.setAttribute("camera", camera);
  element.setAttribute("sync", sync);
  element.style.width = "640px";
  document.body.replaceChildren(element);
  const [width, shown] = [bits * bitPx, []];
  const canvas = Object.assign(document.createElement("canvas"), { width, height: 1 });
  const context = canvas.getContext("2d", { willReadFrequently: true });

  function number(video) {
    context.drawImage(video, 0, bitPx / 2, width, 1, 0, 0, width, 1);
    const { data } = context.getImageData(0, 0, width, 1);
    const values = Array.from({ length: bits }, (_, bit) => data[4 * (bit * bitPx + bitPx / 2)]);
    return values.reduce((sum, value, bit) => sum + (value > 120 ? 2 ** bit : 0), 0);
  }

  function frameShown() {
    const at = Date.now();
    element.video.requestVideoFrameCallback(frameShown);
    const frame = { at, number: number(element.video) };
    shown.push(frame);
    setTimeout(() => Object.assign(frame, { pts: element.stats.displayedPts, ahead: element.stats.aheadMs })); // drawn now
  }
  element.video.requestVideoFrameCallback(frameShown);
  window.delay = { shown, results };
}
