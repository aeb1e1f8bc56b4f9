// A page that reads a turn: its events as the API has them, of which one says that it failed. How
// they are read through reloads and cuts is in common to all that is generated.

import { MessageFailedError } from "../../pages/failures.js";
import {
  parsedJson,
  type SubscribeOptions,
  subscribeEvents,
} from "../../pages/subscribe-events.js";

/**
 * The events of a turn, each once; none when nothing runs.
 *
 * @typeParam Event - `RawMessageStreamEvent` of the SDK
 * @throws {MessageFailedError} at its end, when the model failed or its producer died
 * @throws {SubscribeError} for an answer that another try does not change
 */
export function subscribe<Event extends { readonly type: string }>(
  options: SubscribeOptions,
): AsyncGenerator<Event, void, undefined> {
  return subscribeEvents(options, (data) => checked(parsedJson(data) as Event));
}

/** @throws {MessageFailedError} for the event that says so */
function checked<Event extends { readonly type: string }>(event: Event): Event {
  if (event.type !== "error") return event;
  const { error } = event as { readonly error?: { readonly message?: unknown } };
  throw new MessageFailedError(typeof error?.message === "string" ? error.message : "unknown");
}
