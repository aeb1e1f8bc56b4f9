// The code of the guides does what the guides say, against a server with tokens. That pages show this code and no other
// is a test of apps/docs.

import { S2, S2Error, type S2Stream } from "@s2kit/client";
import { createServer, type S2Server } from "@s2kit/server-lite";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import * as guides from "../snippets/guides.js";
import { startProgram } from "./harness/program.js";

let server: S2Server;
let url: string;
let s2: S2;

beforeAll(async () => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  server = createServer({ port: 0, rootToken: "root-token-of-guides" });
  ({ url } = await server.listen());
  s2 = new S2({ accessToken: "root-token-of-guides", endpoints: url });
  await s2.basins.create({ basin: "events-prod", config: { createStreamOnAppend: true } });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await s2.close();
  await server.close();
});

const stream = (name: string): S2Stream => s2.basin("events-prod").stream(name);

it("appends exactly what was meant", async () => {
  expect(await guides.append(stream("a"))).toBe(2);
  expect(await guides.once(stream("a"))).toBe("written");
  const behind = {
    checkTail: async () => ({ tail: { seqNum: 0 } }),
    append: stream("a").append.bind(stream("a")),
  };
  expect(await guides.once(behind as unknown as S2Stream)).toBe("the next would be 3");
});

it("reads ranges, and follows", async () => {
  await stream("b").append(["one", "two", "last"].map((body) => ({ body })));
  expect(await guides.ranges(stream("b"))).toEqual([3, 3, 3]);
  const saved: number[] = [];
  const seen = await guides.follow(stream("b"), async (next) => void saved.push(next));
  expect([seen, saved]).toEqual([
    ["one", "two", "last"],
    [1, 2, 3],
  ]);
});

it("encrypts what the server cannot read", async () => {
  expect(await guides.encrypted(s2)).toEqual(["for your eyes only"]);
});

it("issues tokens that do what their scope says", async () => {
  await stream("public/news").append([{ body: "it rains" }]);
  const reader = new S2({ accessToken: await guides.scoped(s2), endpoints: url });
  const news = reader.basin("events-prod").stream("public/news");
  expect((await news.read({ start: { from: { seqNum: 0 } } })).records).toHaveLength(1);
  await expect(news.append([{ body: "x" }])).rejects.toSatisfy(
    (error) => error instanceof S2Error && error.code === "permission_denied",
  );
  await reader.close();
});

it("opens a stream for a page by a ticket", async () => {
  const events = await fetch(`${await guides.ticket(s2)}&count=1`, {
    headers: { accept: "text/event-stream" },
  });
  expect(await events.text()).toContain("it rains");
});

it("begins quickly: the program of the quickstart runs as it is printed", async () => {
  const env = { S2_ENDPOINT: url, S2_ACCESS_TOKEN: "root-token-of-guides" };
  expect(await startProgram("quickstart", ["app.mjs"], env).ended).toBe(
    "durable: records 0 to 1\n0 hello\n1 world\n",
  );
  // Those of the packages too.
  const ran = (name: string): Promise<string> => startProgram("quickstart", [name], env).ended;
  expect(await ran("producer.mjs")).toBe("10000 records are durable\n");
  expect(await ran("core.mjs")).toBe("13 metered bytes in greetings/en\n7 hello\n");
  expect(await ran("resumable.mjs")).toBe("durable before you see it\nbefore you see it\n");
});
