// What the doors count of their clients, over real sockets and within the process: windows that grow,
// answers that nobody takes, and nothing once they are gone.

import { connect } from "node:http2";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openThings } from "../../src/testing/ledger.js";
import { ackOf, inputFrame, openS2s } from "../support/s2s-client.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const MIB = 1024 * 1024;
const BASIN = "held-memory-basin";

let node: TestServer;
beforeEach(async () => {
  node = await startServer();
  await call(node.url, "PUT", `/v1/basins/${BASIN}`);
  await call(node.url, "PUT", "/v1/streams/s", { basin: BASIN });
});
afterEach(() => node.server.close());

const heldFor = (kind: string): number => openThings(node.server)[`bytes held for ${kind}`] ?? 0;

async function appendRecords(count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const json = { records: [{ body: "x".repeat(900_000) }] };
    const { status } = await call(node.url, "POST", "/v1/streams/s/records", {
      basin: BASIN,
      json,
    });
    expect(status).toBe(200);
  }
}

test("an HTTP/2 upload begins with 64 KiB, and its window grows as it is consumed", async () => {
  const client = connect(node.url);
  const windows: (number | undefined)[] = [];
  client.on("remoteSettings", (settings) => windows.push(settings.initialWindowSize));
  const upload = client.request({
    ":method": "POST",
    ":path": "/v1/streams/s/records",
    "s2-basin": BASIN,
    "content-type": "s2s/proto",
  });
  upload.resume();
  await expect.poll(() => windows).toEqual([65_536]);
  const frame = inputFrame(["x".repeat(900_000)]);
  for (let sent = 0; sent < 12; sent++) upload.write(frame);
  await expect.poll(() => windows.at(-1), { timeout: 10_000 }).toBeGreaterThanOrEqual(1 * MIB);
  expect(heldFor("windows")).toBeGreaterThanOrEqual(1 * MIB - 65_536);
  upload.end();
  await expect.poll(() => heldFor("windows")).toBe(0);
  client.close();
});

test("an answer that nobody takes within this process counts until it is cancelled", async () => {
  await appendRecords(4);
  const response = await node.server.fetch(
    new Request("http://localhost/v1/streams/s/records?seq_num=0", {
      headers: { "s2-basin": BASIN, "content-type": "s2s/proto" },
    }),
  );
  // More than one item: the second one goes beyond what may wait.
  await expect.poll(() => heldFor("answers")).toBeGreaterThan(1_700_000);
  const reader = response.body?.getReader();
  for (let got = 0; got < 3_600_000; ) got += (await reader?.read())?.value?.length ?? 0;
  await expect.poll(() => heldFor("answers")).toBeLessThan(1000);
  await reader?.cancel();
  await expect.poll(() => node.left()).toEqual({});
});

test.each(["h1", "h2"] as const)(
  "%s sessions count nothing once their client has read",
  async (version) => {
    await appendRecords(3);
    const read = await openS2s(node.url, version, {
      method: "GET",
      path: "/v1/streams/s/records?seq_num=0",
      basin: BASIN,
    });
    for (let got = 0; got < 3; got++) expect((await read.next())?.kind).toBe("message");
    const append = await openS2s(node.url, version, {
      method: "POST",
      path: "/v1/streams/s/records",
      basin: BASIN,
    });
    append.send(inputFrame(["tiny"]));
    expect(ackOf(await append.next()).end.seqNum).toBe(4);
    while ((await read.next())?.kind !== "message");
    for (const kind of ["answers", "reads", "followers"])
      await expect.poll(() => heldFor(kind)).toBe(0);
    append.half();
    read.reset();
    await expect.poll(() => node.left()).toEqual({});
  },
);

test("an upload that is held back counts, and no more once it goes on", async () => {
  const limits = { perStream: { appendBytesPerSec: 1_000_000 } };
  const slow = await startServer({ limits });
  await call(slow.url, "PUT", `/v1/basins/${BASIN}`);
  await call(slow.url, "PUT", "/v1/streams/s", { basin: BASIN });
  const append = await openS2s(slow.url, "h1", {
    method: "POST",
    path: "/v1/streams/s/records",
    basin: BASIN,
  });
  for (let at = 0; at < 4; at++) append.send(inputFrame(["x".repeat(700_000)]));
  const held = (): number => openThings(slow.server)["bytes held for windows"] ?? 0;
  await expect.poll(held).toBe(65_536);
  for (let at = 0; at < 4; at++) ackOf(await append.next());
  append.half();
  await append.rest();
  await expect.poll(() => slow.left()).toEqual({});
  await slow.server.close();
});
