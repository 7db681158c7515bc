// What the ways to send live video have in common.

/** Why a session could not begin or go on. `blamesTransport` is false where waiting helps (the camera is offline). */
export class SessionError extends Error {
  constructor(reason, { blamesTransport = true, retryAfterS = 0 } = {}) {
    super(reason);
    this.blamesTransport = blamesTransport;
    this.retryAfterS = retryAfterS;
  }
}

/** What the server says is wrong, as an error. */
export async function problemOf(response) {
  const problem = await response.json().catch(() => ({}));
  return new SessionError(problem.detail ?? `the server answered ${response.status}`, {
    blamesTransport: [400, 406, 426].includes(response.status),
    retryAfterS: Number(response.headers.get("Retry-After")) || 0,
  });
}
