// For which encrypted streams this tab has a key. The key itself goes to the worker at once, which
// keeps it in memory: it is in no address, no storage, and nothing that is copied.

import { signal } from "@preact/signals";
import type { StreamTarget } from "../protocol.js";
import { records } from "./bridge.js";
import { identity } from "./connection.js";

const keyed = signal<ReadonlySet<string>>(new Set());
export const isKeyDialogOpen = signal(false);

export function hasKey(target: StreamTarget): boolean {
  return keyed.value.has(nameOf(target));
}

/** Screens load again. Without a key the one that is there is forgotten. */
export function useKey(target: StreamTarget, key: string | undefined): void {
  records.send({ kind: "key", ...target, key });
  const next = new Set(keyed.value);
  if (key === undefined) next.delete(nameOf(target));
  else next.add(nameOf(target));
  keyed.value = next;
  identity.value++;
}

/** 32 bytes as base64. */
export function isKey(text: string): boolean {
  return /^[\w+/-]{43}=?$/.test(text);
}

function nameOf({ basin, stream }: StreamTarget): string {
  return `${basin}/${stream}`;
}
