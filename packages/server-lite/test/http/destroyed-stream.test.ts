// A stream of HTTP/2 is destroyed before it says that it is closed. What answers it in between answers
// nobody, and must not fail.

import { connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { systemClock } from "@s2kit/core";
import { expect, it } from "vitest";
import { createHttp2Exchange } from "../../src/http/http2-exchange.js";

it("an answer to a stream that was destroyed a moment ago goes nowhere", async () => {
  const server = createServer();
  const outcome = new Promise<unknown>((resolve) => {
    server.on("stream", (stream, headers) => {
      stream.on("error", () => undefined);
      const exchange = createHttp2Exchange(stream, headers, systemClock);
      stream.destroy();
      try {
        exchange.respond(200, {});
        exchange.end(undefined);
        exchange.abort();
        resolve("nothing thrown");
      } catch (error) {
        resolve(error);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.request({ ":path": "/" }).on("error", () => undefined);
  expect(await outcome).toBe("nothing thrown");
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});
