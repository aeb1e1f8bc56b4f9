// How the server is doing: its metrics page, read every other second while the page is in sight.
// Kept for ten minutes, so that coming back to the overview shows what happened meanwhile. Servers
// without one say nothing.

import { signal } from "@preact/signals";
import { sleep, systemClock } from "@s2kit/core";
import { noteAhead } from "../format/times.js";
import { endpoint, token } from "./connection.js";

const EVERY_MS = 2000;
const KEPT = 300;

export interface Vitals {
  readonly atSecs: number;
  readonly values: ReadonlyMap<string, number>;
}

export const vitals = signal<readonly Vitals[]>([]);
/** Undefined until the first answer. */
export const health = signal<"failing" | "ok" | "unreachable" | "untold" | undefined>(undefined);
export const healthWords = signal("");
/** How far the clock of this browser is ahead of the server's; 0 when they agree. */
export const clockAheadMs = signal(0);

/** Runs for as long as the page. */
export async function watchVitals(): Promise<void> {
  for (;;) {
    if (document.visibilityState === "visible") await look();
    await sleep(systemClock, EVERY_MS);
  }
}

async function look(): Promise<void> {
  try {
    const headers: Record<string, string> =
      token.value === "" ? {} : { authorization: `Bearer ${token.value}` };
    const signal = AbortSignal.timeout(5000);
    const askedMs = systemClock.now();
    const [page, state] = await Promise.all([
      fetch(`${endpoint()}/metrics`, { headers, signal }),
      fetch(`${endpoint()}/health`, { headers, signal }),
    ]);
    // Not told by servers elsewhere.
    const toldMs = Date.parse(state.headers.get("date") ?? "");
    if (!Number.isNaN(toldMs))
      clockAheadMs.value = noteAhead((askedMs + systemClock.now()) / 2 - toldMs);
    // Both bodies are read to their end, whatever they say: an answer that is left holds one of
    // the few connections that a browser opens to a server, until the timeout or a collection.
    const [told, figures] = await Promise.all([state.text(), page.text()]);
    healthWords.value = state.ok ? "" : told.slice(0, 200);
    if (state.status === 404) health.value = "untold";
    else health.value = state.ok ? "ok" : "failing";
    if (!page.ok) return;
    const values = parseMetrics(figures);
    const atSecs = Math.floor(systemClock.now() / 1000);
    vitals.value = [...vitals.value.slice(1 - KEPT), { atSecs, values }];
  } catch {
    health.value = "unreachable";
  }
}

/** Lines of the text format, by name with labels as written. */
export function parseMetrics(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^([a-zA-Z_:][\w:]*(?:\{[^}]*\})?) ([-+.\w]+)/.exec(line);
    if (match !== null) values.set(match[1] as string, Number(match[2]));
  }
  return values;
}

/** Change per second of a value that only grows; null where nothing can be said. */
export function rates(all: readonly Vitals[], name: string): (number | null)[] {
  return all.map((now, at) => {
    const before = all[at - 1];
    const to = now.values.get(name);
    const from = before?.values.get(name);
    if (before === undefined || to === undefined || from === undefined) return null;
    const seconds = now.atSecs - before.atSecs;
    // A server that started again counts from zero.
    return seconds <= 0 || to < from ? null : (to - from) / seconds;
  });
}

export function levels(all: readonly Vitals[], name: string): (number | null)[] {
  return all.map(({ values }) => values.get(name) ?? null);
}
