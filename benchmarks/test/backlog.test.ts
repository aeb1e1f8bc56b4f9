import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { open } from "../src/roles/post-load.ts";

/** A server that stands still once, for all. */
it("requests that are due while a server stands still are charged for the wait", async () => {
  const STILL_MS = 200;
  let isStill = false;
  const server = createServer((request, response) => {
    request.resume();
    const endsAt = isStill ? performance.now() + STILL_MS : 0;
    isStill = false;
    while (performance.now() < endsAt);
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const load = await open({
    url: `http://127.0.0.1:${port}`,
    path: "/",
    headers: {},
    body: "{}",
    writers: 2,
  });
  await load.run(20);
  isStill = true;
  const { acks, p50Micros } = await load.runPaced({ ms: STILL_MS, perSec: 500 });
  await load.close();
  server.close();
  // A hundred were due while it stood still. A closed loop of two writers would tell of two slow answers.
  expect(acks).toBe(100);
  expect(p50Micros).toBeGreaterThan((STILL_MS / 4) * 1000);
});

it("a counter makes each request another one, and starts anew", async () => {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url as string);
    request.resume();
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const path = "/v1/streams/many-#########/records";
  const load = await open({ url, path, headers: {}, body: "{}", writers: 1, counters: 3 });
  await load.runPaced({ ms: 40, perSec: 100 });
  await load.close();
  server.close();
  const numbers = paths.map((each) => Number(/many-(\d{9})/.exec(each)?.[1]));
  expect(numbers).toEqual([0, 1, 2, 0]);
});
