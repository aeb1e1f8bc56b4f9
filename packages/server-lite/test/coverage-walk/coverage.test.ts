// Every route of core's table and every error code, over real sockets. The walks note what they saw;
// the last test prints it as a table and fails when something was never seen.

import { ROUTES, type ServerErrorCode } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type TestServer } from "../support/test-server.js";
import { Recorder } from "./recorder.js";
import type { Walk } from "./walk.js";
import {
  walkBrokenStore,
  walkBuggyStore,
  walkDraining,
  walkHangup,
  walkSlowBody,
  walkTooFast,
  walkTooMuch,
} from "./walk-failures.js";
import { walkCommands, walkEncryption, walkRecords } from "./walk-records.js";
import {
  walkAccess,
  walkAccount,
  walkBasins,
  walkDeletion,
  walkStreams,
} from "./walk-resources.js";

/** Codes of the public table that this server has no reason to send. */
const IMPOSSIBLE: Readonly<Partial<Record<ServerErrorCode, string>>> = {
  not_implemented: "every route of the table has a handler",
  quota_exhausted: "a plan of the hosted service; here limits are rates, which pass",
  transaction_conflict: "one writer per stream and one catalog: creators never race",
  unavailable: "a stream is always at home: no other node that could own it",
  upstream_timeout: "no upstream: storage is in the process, and fails with storage",
};

const recorder = new Recorder();
let running: TestServer;
let walk: Walk;
beforeAll(async () => {
  running = await startServer();
  walk = { url: running.url, recorder };
});
afterAll(() => running.server.close());

test("basins", () => walkBasins(walk));
test("streams", () => walkStreams(walk));
test("locations and metrics", () => walkAccount(walk));
test("records in every format", () => walkRecords(walk));
test("command records", () => walkCommands(walk));
test("encrypted records", () => walkEncryption(walk));

test("access tokens", async () => {
  const guarded = await startServer({ auth: true, rootToken: "root-of-coverage" });
  await walkAccess({ url: guarded.url, recorder }, "root-of-coverage");
  await guarded.server.close();
});

test("deletion", async () => {
  const clock = createSimulatedClock(1_700_000_000_000);
  const still = await startServer({ drainGraceMs: 0 }, { clock });
  await walkDeletion({ url: still.url, recorder });
  const closing = still.server.close();
  await clock.advanceAsync(1000);
  await closing;
});

test("a server that drains", () => walkDraining(recorder));
test("a store that breaks", () => walkBrokenStore(recorder));
test("a store with a bug", () => walkBuggyStore(recorder));
test("a body that takes too long", () => walkSlowBody(recorder));
test("more bodies than there is room for", () => walkTooMuch(recorder));
test("appends above a limit", () => walkTooFast(recorder));
test("a client that hangs up", () => walkHangup(recorder));

test("every route, every code and every carrier was seen", () => {
  process.stdout.write(`\n${recorder.table(IMPOSSIBLE)}\n`);
  expect(recorder.missingRoutes()).toEqual([]);
  expect(recorder.missingOperations()).toEqual([]);
  expect(recorder.missingCodes()).toEqual(Object.keys(IMPOSSIBLE).sort());
  const carriers = [
    "base64",
    "json",
    "protobuf",
    "s2s over http/1.1",
    "s2s over http/2",
    "websocket",
  ];
  expect(recorder.carriersOf("append")).toEqual(carriers);
  expect(recorder.carriersOf("read")).toEqual([...carriers, "sse"].sort());
  expect(Object.keys(ROUTES)).toHaveLength(28);
});
