// Everything that a client shows: errors with their causes and stacks, hooks, and itself, after every kind of
// failure that a peer or a caller can bring about.

import { createServer as createPeer, type Server, type Socket } from "node:net";
import { EncryptionKey, S2, type S2Components } from "@s2kit/client";
import { createServer, type S2Server } from "@s2kit/server-lite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Marks } from "./marks.js";

const marks = new Marks();
const TOKEN = marks.add("access token", "clientMark+Nd4/Vx68UoC1yAe5");
const KEY = marks.add("encryption key", Buffer.alloc(32, 0xc9).toString("base64"));
const GATEWAY = marks.add("header of a gateway", "gatewayMark+Iz3/Lm79");
const PASSWORD = marks.add("password of an endpoint", "passMark+Wb9/Eo50Kf");

type Behaviour = "never answers" | "resets" | "says no HTTP" | "answers HTML" | "cuts its answer";
const BEHAVIOURS: readonly Behaviour[] = [
  "never answers",
  "resets",
  "says no HTTP",
  "answers HTML",
  "cuts its answer",
];

let behaviour: Behaviour = "resets";
const sockets = new Set<Socket>();
let peer: Server;
let server: S2Server;
let served = "";
let broken = "";
beforeAll(async () => {
  peer = createPeer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", () => behave(socket));
  });
  await new Promise<void>((resolve) => peer.listen(0, "127.0.0.1", resolve));
  broken = `http://127.0.0.1:${(peer.address() as { port: number }).port}`;
  server = createServer({ port: 0, rootToken: "another-root-token", drainGraceMs: 50 });
  ({ url: served } = await server.listen());
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  peer.close();
  await server.close();
});

function behave(socket: Socket): void {
  switch (behaviour) {
    case "never answers":
      return;
    case "resets":
      socket.resetAndDestroy();
      return;
    case "says no HTTP":
      socket.end("\0\0\0 no HTTP at all\r\n\r\n");
      return;
    case "answers HTML":
      socket.end(
        "HTTP/1.1 502 Bad\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<p>no</p>",
      );
      return;
    case "cuts its answer":
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{"half');
  }
}

const told: unknown[] = [];
const hooks = new Proxy(
  {},
  {
    get: () => (event: unknown) => {
      told.push(event);
    },
  },
) as NonNullable<S2Components["hooks"]>;

function clientAt(url: string, transport: "auto" | "fetch" | "s2s" | "ws"): S2 {
  return new S2(
    {
      accessToken: TOKEN,
      endpoints: { account: url, basin: url },
      transport,
      requestTimeoutMillis: 150,
      connectionTimeoutMillis: 150,
      retry: { maxAttempts: 2, minBaseDelayMillis: 1, maxBaseDelayMillis: 2 },
      headers: { "x-gateway-key": GATEWAY, cookie: GATEWAY },
    },
    { hooks },
  );
}

async function failuresOf(s2: S2): Promise<unknown[]> {
  const stream = s2.basin("some-basin").stream("s", { encryptionKey: KEY });
  const record = { records: [{ body: "x" }] };
  const acts: readonly (() => Promise<unknown>)[] = [
    () => s2.basins.list(),
    () => s2.accessTokens.revoke({ id: "id" }),
    () => stream.checkTail(),
    () => stream.read({ from: { seqNum: 0 } } as never),
    () => stream.append(record as never),
    async () => {
      const session = await stream.appendSession();
      const ticket = await session.submit(record as never);
      await (ticket as { ack?: () => Promise<unknown> }).ack?.();
      await session.close();
    },
    async () => {
      for await (const _ of await stream.readSession({} as never)) break;
    },
  ];
  const failures: unknown[] = [];
  for (const act of acts)
    await act().then(
      () => undefined,
      (error: unknown) => failures.push(error),
    );
  return failures;
}

describe("a client", () => {
  it.each(BEHAVIOURS)("tells no secret of a peer that %s", async (how) => {
    behaviour = how;
    for (const transport of ["auto", "fetch", "ws"] as const) {
      const s2 = clientAt(broken, transport);
      const failures = await failuresOf(s2);
      expect(failures.length, transport).toBeGreaterThan(4);
      for (const failure of failures) expect(marks.shownBy("an error", failure)).toEqual([]);
      expect(marks.shownBy("the client", s2)).toEqual([]);
      await s2.close();
    }
  });

  it("tells none when it is refused, or nobody is there", async () => {
    for (const url of [served, "http://127.0.0.1:1"]) {
      const s2 = clientAt(url, "auto");
      const failures = await failuresOf(s2);
      expect(failures.length).toBeGreaterThan(4);
      for (const failure of failures) expect(marks.shownBy("an error", failure)).toEqual([]);
      await s2.close();
    }
  });

  it("tells its hooks none", () => {
    expect(told.length).toBeGreaterThan(20);
    expect(told.flatMap((event) => marks.shownBy("an event", event))).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    ["token", () => new S2({ accessToken: `${TOKEN} and more` })],
    ["line in a token", () => new S2({ accessToken: `${TOKEN}\r\nx: y` })],
    ["key", () => EncryptionKey.from(`${KEY}${KEY}`)],
    ["key of other characters", () => EncryptionKey.from(`é${KEY.slice(0, 40)}`)],
    ["endpoint with a password", () => clientAt(`http://user:${PASSWORD}@localhost:1`, "auto")],
    ["endpoint with a query", () => clientAt(`http://localhost:1/v1?sig=${PASSWORD}`, "auto")],
    [
      "header that is none",
      () => new S2({ accessToken: TOKEN, headers: { "x-key": `${GATEWAY}\n` } }),
    ],
  ])("refuses a wrong %s without showing it", (_, make) => {
    let failure: unknown;
    try {
      make();
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(Error);
    expect(marks.shownBy("the error", failure)).toEqual([]);
  });

  it("shows nothing of what a provider of tokens gave", async () => {
    const s2 = new S2({
      accessToken: () => `${TOKEN} and more`,
      endpoints: { account: served, basin: served },
      retry: { maxAttempts: 1 },
    });
    const failures = await failuresOf(s2);
    expect(failures.length).toBeGreaterThan(4);
    for (const failure of failures) expect(marks.shownBy("an error", failure)).toEqual([]);
    await s2.close();
  });
});
