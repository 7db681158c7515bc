// What an MP4 says of itself (ISO/IEC 14496-12).

const HEAD_BYTES = 8;
const HANDLER_AT = 8; // in a box of kind `hdlr`, after version, flags and what is always 0

/** Whether it has a track of sound; `video` is a Blob. */
export async function hasSound(video) {
  const tracks = boxes(await movie(video), "trak");
  const handlers = tracks.flatMap((track) => boxes(track, "mdia")).flatMap((media) => boxes(media, "hdlr"));
  return handlers.some((handler) => kindAt(handler, HANDLER_AT) === "soun");
}

/** The `moov`, which a server that lets one play at once puts before the pictures; empty where there is none. */
async function movie(video) {
  for (let at = 0; at + HEAD_BYTES <= video.size; ) {
    const head = await viewOf(video.slice(at, at + HEAD_BYTES));
    const bytes = head.getUint32(0);
    if (kindAt(head, 4) === "moov") {
      return viewOf(video.slice(at + HEAD_BYTES, at + bytes));
    }
    if (bytes < HEAD_BYTES) {
      break;
    }
    at += bytes;
  }
  return new DataView(new ArrayBuffer(0));
}

/** The contents of all boxes of one kind, among those that follow each other in `view`. */
function boxes(view, kind) {
  const found = [];
  for (let at = 0; at + HEAD_BYTES <= view.byteLength; ) {
    const bytes = view.getUint32(at);
    if (bytes < HEAD_BYTES || at + bytes > view.byteLength) {
      break;
    }
    if (kindAt(view, at + 4) === kind) {
      found.push(new DataView(view.buffer, view.byteOffset + at + HEAD_BYTES, bytes - HEAD_BYTES));
    }
    at += bytes;
  }
  return found;
}

const viewOf = async (blob) => new DataView(await blob.arrayBuffer());

const kindAt = (view, at) => String.fromCharCode(...[0, 1, 2, 3].map((place) => view.getUint8(at + place)));
