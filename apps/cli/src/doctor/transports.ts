// Which transports carry sessions from here to the server: a read is opened by each, by all of
// them at once. A server that refuses it in its own words has been reached, so that a basin which
// does not exist will do. Spec: cli#doctor.

import type { S2, S2Stream } from "@s2kit/client";
import { S2Error } from "@s2kit/core";
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

/**
 * A WebSocket may take so long, ms, or this many times what the others took together: there are
 * gateways that leave an upgrade unanswered for ever.
 */
const UPGRADE_MS = 1500;
const UPGRADE_TIMES = 4;

/** One for each transport; what no session can do without is a failure, the rest a warning. */
export async function* transportFindings(probe: TransportProbe): AsyncGenerator<Finding> {
  const begun = performance.now();
  const s2s = failureBy("s2s", probe);
  const ws = failureBy("ws", probe);
  const fetch = failureBy("fetch", probe);
  yield findingOf("s2s", await s2s);
  await fetch;
  const tookMs = performance.now() - begun;
  const patienceMs = Math.max(UPGRADE_MS, UPGRADE_TIMES * tookMs) - tookMs;
  yield findingOf("ws", await unlessUnanswered(ws, patienceMs));
  yield findingOf("fetch", await fetch);
}

async function failureBy(
  transport: Transport,
  probe: TransportProbe,
): Promise<S2Error | undefined> {
  const client = await probe.client(transport);
  return await failureOf(readNothing(client.basin(probe.basin).stream(probe.stream)));
}

async function unlessUnanswered(
  probe: Promise<S2Error | undefined>,
  patienceMs: number,
): Promise<S2Error | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<S2Error>((resolve) => {
    const message = "no answer to the upgrade, although calls are answered";
    timer = setTimeout(
      () => resolve(new S2Error({ code: "CONNECTION_FAILED", message })),
      patienceMs,
    );
  });
  try {
    return await Promise.race([probe, late]);
  } finally {
    clearTimeout(timer);
  }
}

function findingOf(transport: Transport, failure: S2Error | undefined): Finding {
  const { check, otherwise } = CHECKS[transport];
  if (failure === undefined || (failure.origin === "server" && failure.status < 500))
    return { check, state: "ok", text: "carries sessions" };
  return {
    check,
    state: transport === "fetch" ? "fail" : "warn",
    text: failure.rawMessage,
    next: otherwise,
  };
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
