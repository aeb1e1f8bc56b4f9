// A page that reads a text: its pieces as they are said, from the route that answers with
// `replay`. How they are read through cuts is in common to all that is generated.

import { MessageFailedError, SubscribeError } from "../../pages/failures.js";
import {
  parsedJson,
  type SubscribeOptions,
  subscribeEvents,
} from "../../pages/subscribe-events.js";

/**
 * The pieces of a text, each once, to its end; none when there is none.
 *
 * @throws {MessageFailedError} at its end, when the model failed or its producer died
 * @throws {SubscribeError} for an answer that another try does not change
 */
export function readText(options: SubscribeOptions): AsyncGenerator<string, void, undefined> {
  return subscribeEvents(options, (data, type) => {
    const text = parsedJson(data);
    if (typeof text !== "string") throw new SubscribeError(200);
    if (type === "error") throw new MessageFailedError(text);
    return text;
  });
}
