// Long JSON bodies are decoded in turns: others are served between, however many there are.

import { afterEach, expect, it } from "vitest";
import { call, startServer, type TestServer } from "../support/test-server.js";

const BASIN = "long-json-basin";
const RECORDS = "/v1/streams/s/records";
const MIB = 1024 * 1024;

let running: TestServer | undefined;
afterEach(async () => {
  await running?.server.close();
  running = undefined;
});
async function start(): Promise<string> {
  running = await startServer();
  await call(running.url, "PUT", `/v1/basins/${BASIN}`);
  await call(running.url, "PUT", "/v1/streams/s", { basin: BASIN });
  return running.url;
}

/** A body of about this size that is a good append, and a million arrays that nobody asked for. */
function hostile(bytes: number): string {
  const start = '{"records":[{"body":"good"}],"x":[0';
  return `${start}${",[]".repeat(Math.floor((bytes - start.length - 2) / 3))}]}`;
}

/** Counts turns of the event loop until a promise settles. */
async function turnsUntil(promise: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isSettled = false;
  void promise.finally(() => {
    isSettled = true;
  });
  while (!isSettled) {
    await new Promise(setImmediate);
    turns++;
  }
  return turns;
}

it("a body of 8 MiB leaves the event loop more than a hundred turns", async () => {
  await start();
  // In this process: turns of sockets would count too.
  const request = new Request(`http://s2.test${RECORDS}`, {
    method: "POST",
    headers: { "content-type": "application/json", "s2-basin": BASIN },
    body: hostile(8 * MIB - 8),
  });
  const answered = (running as TestServer).server.fetch(request);
  // Two walks of 128 steps each: one for the characters, one for the tokens.
  expect(await turnsUntil(answered)).toBeGreaterThan(200);
  expect((await answered).status).toBe(200);
});

it("many of them take one step a turn together, and all are answered", async () => {
  const url = await start();
  const json = { "content-type": "application/json" };
  const bodies = Array.from({ length: 6 }, () =>
    call(url, "POST", RECORDS, { basin: BASIN, headers: json, body: hostile(2 * MIB) }),
  );
  const small = await call(url, "POST", RECORDS, { basin: BASIN, json: { records: [{}] } });
  expect(small.status).toBe(200);
  expect((await Promise.all(bodies)).map(({ status }) => status)).toEqual(Array(6).fill(200));
  const { json: tail } = await call(url, "GET", `${RECORDS}/tail`, { basin: BASIN });
  expect(tail.tail.seq_num).toBe(7);
});

it("configurations are short: what is parsed in one go is refused beyond 128 KiB", async () => {
  const url = await start();
  const body = `{"basin":"padded-basin","x":"${"y".repeat(128 * 1024)}"}`;
  const json = { "content-type": "application/json" };
  const { status, json: error } = await call(url, "POST", "/v1/basins", { headers: json, body });
  expect([status, error.code]).toEqual([400, "bad_json"]);
});

it.each([
  ["18446744073709551615", 412],
  ["18446744073709551616", 400],
  ["1e400", 400],
  ["-0", 400],
])("the integer %s is answered with %i", async (number, status) => {
  const url = await start();
  const answer = await call(url, "POST", RECORDS, {
    basin: BASIN,
    headers: { "content-type": "application/json" },
    body: `{"records":[{}],"match_seq_num":${number}}`,
  });
  expect(answer.status).toBe(status);
});

it.each([
  ["limit=18446744073709551615", 200],
  ["limit=18446744073709551616", 400],
  ["limit=99999999999999999999", 400],
])("the query %s is answered with %i", async (query, status) => {
  const url = await start();
  expect((await call(url, "GET", `/v1/basins?${query}`)).status).toBe(status);
});
