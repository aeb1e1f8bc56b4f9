// A turn in a component of React: what the SDK has no hook for. Its text is shown, all else is
// told to who asks.

import type { SubscribeOptions } from "../../pages/subscribe-events.js";
import { keyOf, type Said, useSaid } from "../../pages/use-said.js";
import { subscribe } from "../client/subscribe.js";

/** What is read, and who is told of it. */
export interface UseMessageOptions<Event> extends Omit<SubscribeOptions, "signal"> {
  /** Told of each event, in order: of tools, of thinking, of the end. */
  readonly onEvent?: ((event: Event) => void) | undefined;
}

interface TextDelta {
  readonly delta?: { readonly type?: unknown; readonly text?: unknown };
}

/**
 * The text of a turn, as far as it has been said.
 *
 * @typeParam Event - `RawMessageStreamEvent` of the SDK
 * @param options - another `url` or `from` begins anew; null: nothing is read
 */
export function useMessage<Event extends { readonly type: string }>(
  options: UseMessageOptions<Event> | null,
): Said {
  return useSaid(keyOf(options), (signal) => textOf(options, signal));
}

async function* textOf<Event extends { readonly type: string }>(
  options: UseMessageOptions<Event> | null,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const { onEvent, ...asked } = options ?? { url: "", onEvent: undefined };
  for await (const event of subscribe<Event>({ ...asked, signal })) {
    onEvent?.(event);
    const { delta } = event as TextDelta;
    if (delta?.type === "text_delta" && typeof delta.text === "string") yield delta.text;
  }
}
