// Lent buffers on ways out where nobody counts what waits, and so nobody can say when it has left: they
// are given away. Whoever returns one afterwards does not return it to the next borrower.

import { createServer, get, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { systemClock } from "@s2kit/core";
import { afterEach, expect, test } from "vitest";
import { BodyGuard } from "../../src/exchange/body-guard.js";
import type { Exchange } from "../../src/exchange/exchange.js";
import { createHttp1Exchange } from "../../src/http/http1-exchange.js";
import { handleRequest } from "../../src/http/web-handler.js";
import { createWebSocketDoor } from "../../src/http/websocket/websocket-door.js";
import { giveBack, LentBuffers } from "../../src/lending/lent-buffers.js";
import { MemoryBudget } from "../../src/memory/memory-budget.js";

const MIB = 1024 * 1024;
const LETTER = 97;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Answering = (exchange: Exchange, lent: Uint8Array) => void;
/** A client and a server whose one exchange is answered so. */
type Way = (answer: (exchange: Exchange) => void) => void;

const overHttp: Way = (answer) => {
  const onRequest: RequestListener = (request, response) =>
    answer(createHttp1Exchange(request, response, systemClock));
  const server = createServer(onRequest);
  closing.push(() => server.close().closeAllConnections());
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    get({ port, host: "127.0.0.1", agent: false }, (response) => response.resume());
  });
};

const overUpgrade: Way = (onExchange) => {
  const door = createWebSocketDoor({
    clock: systemClock,
    onExchange,
    isOriginAllowed: () => true,
  });
  const guard = new BodyGuard(systemClock, new MemoryBudget(systemClock, 64 * MIB), 1000);
  const server = createServer();
  const sockets: Duplex[] = [];
  server.on("upgrade", (request, socket, head) => {
    sockets.push(socket);
    door.accept(request, socket, head, guard);
  });
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    const headers = {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": Buffer.alloc(16).toString("base64"),
      "sec-websocket-protocol": "s2s.v1",
    };
    const path = "/v1/streams/s/records?mode=read&basin=some-basin";
    get({ port, host: "127.0.0.1", agent: false, path, headers }, (response) => response.resume());
  });
};

const inProcess: Way = (answer) => {
  void handleRequest(new Request("http://s2/"), answer).then((response) => response.text());
};

const written: Answering = (exchange, lent) => {
  exchange.write([lent]);
  exchange.end();
};
const ended: Answering = (exchange, lent) => exchange.end(lent);

test.each<[string, Way, Answering]>([
  ["written by an exchange without an account", overHttp, written],
  ["the last bytes of an answer", overHttp, ended],
  ["a plain answer to an upgrade", overUpgrade, written],
  ["an answer within the process", inProcess, written],
])("%s", async (_, way, answering) => {
  const buffers = new LentBuffers(8 * MIB);
  const first = await new Promise<number | undefined>((resolve) => {
    way((exchange) => {
      exchange.respond(200, { "content-type": "text/plain" });
      const lent = buffers.lend(MIB).fill(LETTER);
      answering(exchange, lent);
      // What is returned is written over at once.
      giveBack(lent.buffer);
      resolve(lent[0]);
    });
  });
  expect([first, buffers.freeBytes]).toEqual([LETTER, 0]);
});
