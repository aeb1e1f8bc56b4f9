// Errors as the page gets them, and which of them no retry mends.
// Pure; no stack and no secret crosses to the page.

import { S2Error } from "@s2kit/client";
import type { Failure } from "../protocol.js";

export function failureOf(caught: unknown): Failure {
  const { code, status, message } = S2Error.from(caught);
  return { code, status, message };
}

/** The stream, the basin or the permission is gone. */
export function isFinal(caught: unknown): boolean {
  const { status } = S2Error.from(caught);
  return status === 401 || status === 403 || status === 404 || status === 409;
}
