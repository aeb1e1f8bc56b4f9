// What is being said, as a component of React shows it: read while it is shown, and left when it is
// not. Knows no host: its caller says how to read.

import { useEffect, useRef, useState } from "react";

/**
 * - `idle`: nothing is asked for.
 * - `running`: more may come.
 * - `done`: that was all.
 * - `failed`: the model failed, its producer died, or the route refused; `error` says which.
 */
export type SaidState = "done" | "failed" | "idle" | "running";

/** What has been said so far. */
export interface Said {
  readonly text: string;
  readonly state: SaidState;
  /** `MessageFailedError` or `SubscribeError`, when it has failed. */
  readonly error?: unknown;
}

interface KeyedSaid extends Said {
  readonly key: string | undefined;
}

/**
 * @param key - says what is read: another one begins anew; undefined: nothing
 * @param read - the pieces of the text, until the signal aborts
 */
export function useSaid(
  key: string | undefined,
  read: (signal: AbortSignal) => AsyncIterable<string>,
): Said {
  const [said, setSaid] = useState<KeyedSaid>(() => beginningOf(key));
  // Options may be made anew with each rendering: those of the time at which reading begins count.
  const latest = useRef(read);
  useEffect(() => {
    latest.current = read;
  });
  useEffect(() => {
    if (key === undefined) return undefined;
    const leaving = new AbortController();
    const show = (next: Said): void => {
      if (!leaving.signal.aborted) setSaid({ ...next, key });
    };
    void readAll(latest.current(leaving.signal), show);
    return () => leaving.abort();
  }, [key]);
  // Of another key: the effect that reads this one comes behind this rendering.
  const { text, state, error } = said.key === key ? said : beginningOf(key);
  return error === undefined ? { text, state } : { text, state, error };
}

/** What is asked for: undefined for nothing. */
export function keyOf(
  options: { readonly url: string | URL; readonly from?: number | undefined } | null,
): string | undefined {
  return options === null ? undefined : JSON.stringify([String(options.url), options.from]);
}

function beginningOf(key: string | undefined): KeyedSaid {
  return { key, text: "", state: key === undefined ? "idle" : "running" };
}

/** Never rejects. */
async function readAll(pieces: AsyncIterable<string>, show: (said: Said) => void): Promise<void> {
  let text = "";
  try {
    for await (const piece of pieces) {
      text += piece;
      show({ text, state: "running" });
    }
    show({ text, state: "done" });
  } catch (error) {
    show({ text, state: "failed", error });
  }
}
