// The server's API: JSON in, or an error that says what happened.

export class ApiError extends Error {
  /** `status` is 0 where the server did not answer at all; `errors` has what was wrong with each key. */
  constructor(status, message, errors = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

const TIMEOUT_MS = 8000;

/** The answer's JSON. */
export async function get(path) {
  return (await ask(path)).json();
}

/** Sends JSON, or nothing at all; the answer's JSON. */
export async function post(path, body, timeoutMs) {
  return (await ask(path, posted(body), timeoutMs)).json();
}

export async function postForText(path, body, timeoutMs) {
  return (await ask(path, posted(body), timeoutMs)).text();
}

/** The answer, which is a good one; sends the browser to the login form where the session is over. */
export async function ask(path, { headers, ...request } = {}, timeoutMs = TIMEOUT_MS) {
  const signal = AbortSignal.timeout(timeoutMs);
  let response;
  try {
    response = await fetch(path, { headers: { Accept: "application/json", ...headers }, signal, ...request });
  } catch {
    throw new ApiError(0, "the server does not answer");
  }
  if (response.status === 401) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`);
  }
  if (!response.ok) {
    const { detail, errors } = await response.json().catch(() => ({}));
    throw new ApiError(response.status, detail ?? response.statusText, errors);
  }
  return response;
}

function posted(body) {
  const json = { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return { method: "POST", ...(body === undefined ? {} : json) };
}

export const cameraPath = (name, rest) => `/api/v1/cameras/${encodeURIComponent(name)}/${rest}`;

export const eventPath = (id) => `/api/v1/events/${encodeURIComponent(id)}`;

export const clipPath = (id) => `/api/v1/events/${encodeURIComponent(id)}/clip.mp4`;

export const snapshotPath = (id) => `/api/v1/events/${encodeURIComponent(id)}/snapshot.jpg`;
