// Asks again and again, ever less often,
// until a resource answers "not found".

import { S2Error } from "@s2kit/core";

const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 1000;

/** Ends when `probe` fails with 404, or at the interrupt. Other failures pass through. */
export async function waitUntilGone(
  interrupt: AbortSignal,
  probe: () => Promise<unknown>,
): Promise<void> {
  for (
    let delayMs = FIRST_DELAY_MS;
    !interrupt.aborted;
    delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)
  ) {
    try {
      await probe();
    } catch (error) {
      if (error instanceof S2Error && error.status === 404) return;
      // While it is being deleted the server may answer with a conflict.
      if (!(error instanceof S2Error && error.status === 409)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}
