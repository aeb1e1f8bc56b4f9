// A client for tests on real sockets: quick retries, one address, and everything closed at the end.

import type { SimulatedClock } from "@s2kit/core/testing";
import { expect } from "vitest";
import type { S2Components, S2Options } from "../../src/index.node.js";
import { S2 } from "../../src/index.node.js";
import type { S2Stream } from "../../src/stream.js";
import { type OpenThings, startLedger } from "../../src/testing/ledger.js";
import { type ScriptedPeer, startScriptedPeer } from "../../src/testing/scripted-peer.js";

const open: AsyncDisposable[] = [];
const peers: AsyncDisposable[] = [];
const ledger = startLedger();

/** The clients first, as they close: whatever they leave open then, the peers still see. */
export async function closeAll(): Promise<void> {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
  try {
    // What this process holds ends with the client; what the peers see takes its way over the network.
    await expect.poll(() => local(ledger.open()), { timeout: 2000 }).toEqual(local({}));
    await expect.poll(() => ledger.open(), { timeout: 5000 }).toEqual({});
  } finally {
    ledger.reset();
    for (const each of peers.splice(0)) await each[Symbol.asyncDispose]();
  }
}

function local(open: OpenThings): OpenThings {
  return { ...open, exchanges: 0, connections: 0 };
}

/** Closed after the test, newest first. */
export function closing<T extends AsyncDisposable>(resource: T): T {
  open.push(resource);
  return resource;
}

export async function peer(
  settings?: Parameters<typeof startScriptedPeer>[0],
): Promise<ScriptedPeer> {
  const started = await startScriptedPeer(settings);
  peers.push(started);
  ledger.watchPeer(started);
  return started;
}

export function client(
  url: string,
  options: Partial<S2Options> = {},
  components?: S2Components,
): S2 {
  const { clock } = components ?? {};
  if (clock !== undefined && "liveTimers" in clock) ledger.watchClock(clock as SimulatedClock);
  return closing(
    new S2(
      {
        accessToken: "test-token",
        endpoints: { account: url, basin: url },
        ...options,
        retry: { minBaseDelayMillis: 1, maxBaseDelayMillis: 2, ...options.retry },
      },
      components,
    ),
  );
}

/** A stream handle of a fresh client. */
export function stream(
  url: string,
  options?: Partial<S2Options>,
  components?: S2Components,
): S2Stream {
  return client(url, options, components).basin("test-basin").stream("test/stream");
}

/** The error of a promise that must reject. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (caught) {
    return caught;
  }
  throw new Error("expected a rejection");
}
