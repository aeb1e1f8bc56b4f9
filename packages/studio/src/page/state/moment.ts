// The moment that "3 s ago" is told against. It moves on every few seconds while the page is in
// sight, and at once when it is looked at again, so that no list tells the age it had when it came.

import { signal } from "@preact/signals";
import { sleep, systemClock } from "@s2kit/core";

/** So long "just now" lasts; more often would be unrest. */
const EVERY_MS = 5000;

const turn = signal(0);

/** Draws who calls this again when the moment moves on. */
export function keepsTime(): void {
  void turn.value;
}

/** Runs for as long as the page. */
export async function watchTime(): Promise<void> {
  document.addEventListener("visibilitychange", moveOn);
  for (;;) {
    await sleep(systemClock, EVERY_MS);
    moveOn();
  }
}

function moveOn(): void {
  if (document.visibilityState === "visible") turn.value++;
}
