// A list that is loaded page by page as it is scrolled, through the API's own cursor.
// An answer of an older question is dropped.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { failureIn } from "../parts/notices.js";
import type { Failure } from "../protocol.js";
import { identity } from "./connection.js";

export interface Pages<T> {
  readonly items: readonly T[];
  readonly failure: Failure | undefined;
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly reload: () => void;
}

interface State<T> {
  readonly items: readonly T[];
  readonly failure?: Failure;
  readonly isLoading: boolean;
  readonly hasMore: boolean;
}

export function usePages<T>(
  ask: (startAfter: {
    readonly startAfter?: string;
  }) => Promise<{ readonly items: readonly T[]; readonly hasMore: boolean }>,
  cursorOf: (item: T) => string,
  keys: readonly unknown[],
): Pages<T> {
  const state = useSignal<State<T>>({ items: [], isLoading: true, hasMore: false });
  const turn = useSignal(0);
  const run = useRef(0);
  const load = (items: readonly T[], shown = items): void => {
    const mine = run.current;
    const last = items.at(-1);
    state.value = { items: shown, isLoading: true, hasMore: false };
    ask(last === undefined ? {} : { startAfter: cursorOf(last) }).then(
      (page) => {
        if (mine !== run.current) return;
        state.value = { items: [...items, ...page.items], isLoading: false, hasMore: page.hasMore };
      },
      (error: unknown) => {
        if (mine !== run.current) return;
        state.value = { items, failure: failureIn(error), isLoading: false, hasMore: false };
      },
    );
  };
  useEffect(() => {
    run.current++;
    // What was there stands until the answer comes: a list that blinks with each letter is no help.
    load([], state.peek().items);
  }, [...keys, turn.value, identity.value]);
  const { items, failure, isLoading, hasMore } = state.value;
  return {
    items,
    failure,
    isLoading,
    hasMore,
    more: () => {
      if (!isLoading && hasMore) load(items);
    },
    reload: () => void turn.value++,
  };
}
