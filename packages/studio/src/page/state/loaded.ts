// A value that is being asked for: waiting, there, or failed. Asks again when what it depends on
// changes, and when the page speaks as somebody else; an answer that comes too late is dropped.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { failureIn } from "../parts/notices.js";
import type { Failure } from "../protocol.js";
import { identity } from "./connection.js";

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly failure: Failure | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

export function useLoaded<T>(ask: () => Promise<T>, keys: readonly unknown[]): Loaded<T> {
  const state = useSignal<{ value?: T; failure?: Failure; isLoading: boolean }>({
    isLoading: true,
  });
  const turn = useSignal(0);
  useEffect(() => {
    let isCurrent = true;
    state.value = { isLoading: true, ...(turn.peek() > 0 ? state.peek() : {}) };
    ask().then(
      (value) => {
        if (isCurrent) state.value = { value, isLoading: false };
      },
      (error: unknown) => {
        if (isCurrent) state.value = { failure: failureIn(error), isLoading: false };
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [...keys, turn.value, identity.value]);
  const { value, failure, isLoading } = state.value;
  return { value, failure, isLoading, reload: () => void turn.value++ };
}
