// The server's API: JSON in, or an error that says what happened.

export class ApiError extends Error {
  /** `status` is 0 where the server did not answer at all. */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const TIMEOUT_MS = 8000;

/** The answer's JSON; sends the browser to the login form where the session is over. */
export const get = (path) => ask(path, {}, TIMEOUT_MS);

/** As `get`, with `body` as JSON. */
export function send(method, path, body, timeoutMs = TIMEOUT_MS) {
  return ask(path, { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }, timeoutMs);
}

async function ask(path, request, timeoutMs) {
  const headers = { Accept: "application/json", ...request.headers };
  let response;
  try {
    response = await fetch(path, { ...request, headers, signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    throw new ApiError(0, "the server does not answer");
  }
  if (response.status === 401) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new ApiError(response.status, body.detail ?? response.statusText);
  }
  return body;
}

export const cameraPath = (name, rest) => `/api/v1/cameras/${encodeURIComponent(name)}/${rest}`;

export const snapshotPath = (id) => `/api/v1/events/${encodeURIComponent(id)}/snapshot.jpg`;
