// A text in a component of React: what the host has no hook for. It is read as any page reads it,
// while the component is shown.

import type { SubscribeOptions } from "../../pages/subscribe-events.js";
import { keyOf, type Said, useSaid } from "../../pages/use-said.js";
import { readText } from "../client/read-text.js";

/**
 * The text of a route that answers with `replay`, as far as it has been said.
 *
 * @param options - another `url` or `from` begins anew; null: nothing is read
 */
export function useText(options: Omit<SubscribeOptions, "signal"> | null): Said {
  return useSaid(keyOf(options), (signal) => readText({ ...(options ?? { url: "" }), signal }));
}
