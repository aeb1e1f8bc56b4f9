// Our client and the official SDK on one stream: each reads live what the other writes, and the
// conditions of one bind the other.

import * as official from "@s2-dev/streamstore";
import { AppendInput, AppendRecord, S2 } from "@s2kit/client";
import { Producer } from "@s2kit/producer";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startServer, type TestServer } from "./harness/server.js";

const BASIN = "shared-basin";

let server: TestServer;
let ours: S2;
let theirs: official.S2;

beforeAll(async () => {
  server = await startServer();
  const endpoints = { account: server.url, basin: server.url };
  ours = new S2({ accessToken: "ignored", endpoints });
  theirs = new official.S2({ accessToken: "ignored", endpoints });
  await ours.basins.create({ basin: BASIN, config: { createStreamOnAppend: true } });
});

afterAll(async () => {
  await ours.close();
  await server[Symbol.asyncDispose]();
});

it("the official SDK follows what our producer writes", async () => {
  await ours.basin(BASIN).streams.create({ stream: "ours" });
  const reader = await theirs
    .basin(BASIN)
    .stream("ours")
    .readSession({
      start: { from: { seqNum: 0 } },
    });
  const reading = take(reader, 500);
  const producer = new Producer(await ours.basin(BASIN).stream("ours").appendSession());
  for (let i = 0; i < 500; i++)
    await producer.submit(
      AppendRecord.string({ body: `line ${i}`, headers: [["n", String(i)]], timestamp: 1000 + i }),
    );
  await producer.close();
  const records = await reading;
  expect(
    records.map(({ seqNum, body, headers, timestamp }) => [
      seqNum,
      body,
      headers[0]?.[1],
      timestamp.getTime(),
    ]),
  ).toEqual(records.map((_, i) => [i, `line ${i}`, String(i), 1000 + i]));
});

it("our client follows what the official producer writes", async () => {
  await ours.basin(BASIN).streams.create({ stream: "theirs" });
  const reader = await ours
    .basin(BASIN)
    .stream("theirs")
    .readSession({ start: { from: { seqNum: 0 } } });
  const reading = take(reader, 500);
  const producer = new official.Producer(
    new official.BatchTransform(),
    await theirs.basin(BASIN).stream("theirs").appendSession(),
  );
  for (let i = 0; i < 500; i++)
    await producer.submit(official.AppendRecord.string({ body: `line ${i}` }));
  await producer.close();
  const records = await reading;
  expect(records.map(({ seqNum, body }) => [seqNum, body])).toEqual(
    records.map((_, i) => [i, `line ${i}`]),
  );
});

it("a fence of one keeps out the other", async () => {
  const stream = ours.basin(BASIN).stream("fenced");
  await stream.append(AppendInput.create([AppendRecord.string({ body: "creates the stream" })]));
  await stream.fence("ours-1");
  const intruder = theirs
    .basin(BASIN)
    .stream("fenced")
    .append(
      official.AppendInput.create([official.AppendRecord.string({ body: "x" })], {
        fencingToken: "theirs-1",
      }),
    );
  await expect(intruder).rejects.toMatchObject({ expectedFencingToken: "ours-1" });
  expect((await stream.checkTail()).tail.seqNum).toBe(2);
});

async function take<T>(source: AsyncIterable<T>, wanted: number): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) {
    items.push(item);
    if (items.length >= wanted) break;
  }
  return items;
}
