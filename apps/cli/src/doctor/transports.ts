// Which transports carry sessions from here to the server: a read is opened by each. A server that
// refuses it in its own words has been reached, so that a basin which does not exist will do.
// Spec: cli#doctor.

import type { S2, S2Stream } from "@s2kit/client";
import { failureOf } from "./ask-server.js";
import type { Finding } from "./finding.js";

type Transport = "s2s" | "ws" | "fetch";

const CHECKS: Readonly<Record<Transport, { readonly check: string; readonly otherwise: string }>> =
  {
    s2s: {
      check: "http/2",
      otherwise: "sessions go by fetch then; a proxy that speaks HTTP/1.1 only is the usual reason",
    },
    ws: { check: "websocket", otherwise: "only browsers need it" },
    fetch: { check: "fetch", otherwise: "every read by server-sent events fails so" },
  };

export interface TransportProbe {
  readonly basin: string;
  readonly stream: string;
  client(transport: Transport): Promise<S2>;
}

/** One for each transport; what no session can do without is a failure, the rest a warning. */
export async function* transportFindings(probe: TransportProbe): AsyncGenerator<Finding> {
  for (const transport of ["s2s", "ws", "fetch"] as const) {
    const { check, otherwise } = CHECKS[transport];
    const client = await probe.client(transport);
    const failure = await failureOf(readNothing(client.basin(probe.basin).stream(probe.stream)));
    const isReached =
      failure === undefined || (failure.origin === "server" && failure.status < 500);
    if (isReached) yield { check, state: "ok", text: "carries sessions" };
    else
      yield {
        check,
        state: transport === "fetch" ? "fail" : "warn",
        text: failure.rawMessage,
        next: otherwise,
      };
  }
}

/** Opens a read at the tail that waits for nothing. */
async function readNothing(stream: S2Stream): Promise<void> {
  const session = await stream.readSession(
    {
      start: { from: { tailOffset: 0 }, clamp: true },
      stop: { limits: { count: 1 }, waitSecs: 0 },
    },
    { as: "bytes" },
  );
  for await (const _ of session) return;
}
