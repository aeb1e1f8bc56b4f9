// Which of the dialogs that belong to no screen is open, and the short words at the edge of the
// page. Anything may open one; the frame draws them.

import { signal } from "@preact/signals";
import { systemClock } from "@s2kit/core";
import type { CopyAs } from "../format/copy-as.js";

export const isTokenDialogOpen = signal(false);
export const isPaletteOpen = signal(false);
export const isHelpOpen = signal(false);
export const shownCopyAs = signal<CopyAs | undefined>(undefined);
export const toast = signal("");

const TOAST_MS = 4000;

export function say(words: string): void {
  toast.value = words;
  systemClock.setTimer(() => {
    if (toast.peek() === words) toast.value = "";
  }, TOAST_MS);
}

export function copy(text: string, what: string): void {
  navigator.clipboard.writeText(text).then(
    () => say(`${what} copied`),
    () => say("The browser does not let this page copy: select the text instead"),
  );
}
