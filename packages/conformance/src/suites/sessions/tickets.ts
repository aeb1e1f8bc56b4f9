// What cases about read tickets share: asking for one, and reading by one as `EventSource` does, by
// a URL alone. Spec: data-plane#read-tickets.

import { status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { CallOptions } from "../../run/caller.js";
import type { Context } from "../../run/context.js";
import type { StreamHandle } from "../../run/stream-handle.js";

export const ANCHOR = "d#read-tickets";
export const NEEDS = { needs: ["event-source"] } as const;
export const WITH_AUTH = { needs: ["event-source", "auth"] } as const;
export const WITH_TOKENS = { needs: ["event-source", "access-tokens", "auth"] } as const;
export const EVENTS = { accept: "text/event-stream" };

export function ask(
  context: Context,
  stream: StreamHandle,
  options: CallOptions = {},
): Promise<Answer> {
  const path = stream.path.replace(/records$/, "tickets");
  return context.call("POST", path, { basin: stream.basin, ...options });
}

export async function ticketOf(
  context: Context,
  stream: StreamHandle,
  options: CallOptions = {},
): Promise<string> {
  return status(await ask(context, stream, options), 201).json.ticket;
}

/** What `EventSource` sends: no token, no basin, nothing but a URL. */
export function read(
  context: Context,
  { basin, path }: Pick<StreamHandle, "basin" | "path">,
  ticket: string,
  query = "wait=0",
  more: CallOptions = {},
): Promise<Answer> {
  const params = new URLSearchParams({ basin, ticket, seq_num: "0" });
  return context.call("GET", `${path}?${params.toString()}&${query}`, {
    token: null,
    headers: EVENTS,
    ...more,
  });
}
