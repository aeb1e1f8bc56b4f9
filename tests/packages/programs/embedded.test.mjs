// A stranger's test with a server in its own process, and the suite that storage engines pass.

import { S2 } from "@s2kit/client";
import { createServer } from "@s2kit/server-lite";
import { describeStorage } from "@s2kit/server-lite/testing";
import { afterAll, beforeAll, expect, it } from "vitest";

const server = createServer({ port: 0 });
let s2;

beforeAll(async () => {
  const { url } = await server.listen();
  s2 = new S2({ accessToken: "any", endpoints: { account: url, basin: url } });
});
afterAll(async () => {
  await s2.close();
  await server.close();
});

it("appends and reads", async () => {
  await s2.basins.create({ basin: "tested-basin", config: { createStreamOnAppend: true } });
  const stream = s2.basin("tested-basin").stream("first");
  await stream.append([{ body: "in a test" }]);
  const { records } = await stream.read({ start: { from: { seqNum: 0 } } });
  expect(records.map(({ body }) => body)).toEqual(["in a test"]);
});

it("finds the suite of storage engines", () => {
  expect(describeStorage).toBeTypeOf("function");
});
