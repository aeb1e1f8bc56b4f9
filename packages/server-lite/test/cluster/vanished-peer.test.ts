// A node that takes a request and vanishes: no reset of a stream tells of it. Whoever asked must not
// take the end of the connection for the end of an answer.

import { constants, createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forward } from "../../src/cluster/forward.js";
import type { Owners } from "../../src/cluster/owners.js";
import { ShardRequests } from "../../src/cluster/shard-requests.js";
import { Http2Peers } from "../../src/http/peer/http2-peers.js";
import { handleRequest } from "../../src/http/web-handler.js";

let server: Http2Server;
let socket: Socket;
let clock: SimulatedClock;
let peers: Http2Peers;
let url: string;
let answer: (stream: ServerHttp2Stream) => void;

beforeEach(async () => {
  server = createServer();
  server.on("connection", (opened: Socket) => {
    socket = opened;
  });
  server.on("session", (session) => session.on("error", () => undefined));
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    answer(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  clock = createSimulatedClock();
  peers = new Http2Peers(clock, "secret");
});
afterEach(() => {
  peers.close();
  server.close();
});

/** No ping is answered within the call. */
function fallSilent(): void {
  for (let second = 0; second < 6; second++) clock.advance(1000);
}

/** It says that it leaves, and is reset before it has answered. */
function leave(stream: ServerHttp2Stream): void {
  stream.session?.goaway(0);
  setTimeout(() => socket.resetAndDestroy(), 20);
}

const ways = [
  ["answers no pings", fallSilent],
  ["is reset while it leaves", leave],
] as const;

describe.each(ways)("a node that %s", (_, vanish) => {
  function pass(method: string, body?: string) {
    const request = new Request("http://node/v1/x", { method, ...(body && { body }) });
    const head = { method, path: "/v1/x", headers: {}, hasBody: body !== undefined };
    let outcome: Promise<unknown> = Promise.resolve("never began");
    const response = handleRequest(request, (exchange) => {
      outcome = forward(exchange, peers, { url, head }).catch(({ code }: { code: string }) => code);
    });
    response.catch(() => undefined);
    return { outcome, response };
  }

  it("leaves a body that it took of unknown outcome", async () => {
    answer = (stream) => {
      stream.additionalHeaders({ ":status": 100 });
      stream.once("data", () => vanish(stream));
    };
    expect(await pass("POST", "body").outcome).toBe("unavailable");
  });

  it("leaves a deletion of unknown outcome", async () => {
    answer = vanish;
    expect(await pass("DELETE").outcome).toBe("unavailable");
  });

  it("leaves half an answer broken off", async () => {
    answer = (stream) => {
      stream.respond({ ":status": 200 });
      stream.write("the first half", () => setTimeout(() => vanish(stream), 20));
    };
    const response = await pass("GET").response;
    await expect(response.text()).rejects.toThrow("client went away");
  });

  it("is looked for again by a list", async () => {
    answer = vanish;
    const wrong: string[] = [];
    const owners = {
      find: async () => {
        if (wrong.length > 0) throw new Error("nobody");
        return { kind: "there", url };
      },
      noteWrong: (shard: number) => wrong.push(`shard ${shard}`),
    } as unknown as Owners;
    const askHere = () => Promise.reject(new Error("here"));
    const requests = new ShardRequests({ clock, owners, peers, askHere });
    const asked = requests.ask(1, { method: "GET", path: "/v1/streams", headers: {} }, 60_000);
    await expect(asked).rejects.toThrow("nobody");
    expect(wrong).toEqual(["shard 1"]);
  });
});

it("is waited for by a question as long as that may take, whatever pings it answers", async () => {
  const closed = new Promise<number>((resolve) => {
    answer = (stream) => {
      stream.on("close", () => resolve(stream.rstCode));
      clock.advance(500);
    };
  });
  const owners = { find: async () => ({ kind: "there", url }) } as unknown as Owners;
  const askHere = () => Promise.reject(new Error("here"));
  const requests = new ShardRequests({ clock, owners, peers, askHere });
  const question = { method: "POST", path: "/x", headers: {}, body: new Uint8Array(1) } as const;
  const asked = requests.ask(1, question, clock.monotonic() + 500);
  await expect(asked).rejects.toMatchObject({ code: "unavailable" });
  expect(await closed).toBe(constants.NGHTTP2_INTERNAL_ERROR);
});

it("does not take half a body for a whole one when its request is given up", async () => {
  const events: string[] = [];
  const head = { method: "POST", path: "/", headers: {}, hasBody: true };
  const ignored = () => undefined;
  const sink = { head: ignored, chunk: ignored, drained: ignored, end: ignored, fail: ignored };
  await new Promise<void>((resolve) => {
    answer = (stream) => {
      stream.additionalHeaders({ ":status": 100 });
      stream.once("data", () => request.abort());
      for (const event of ["aborted", "end"]) stream.once(event, () => events.push(event));
      stream.once("close", resolve);
    };
    const goAhead = () => void request.write(Buffer.from("half"));
    const request = peers.open(url, head, { ...sink, goAhead });
  });
  expect(events[0]).toBe("aborted");
});

it("does not wait for a body that it has refused", async () => {
  const closed = new Promise<void>((resolve) => {
    answer = (stream) => {
      stream.on("close", () => resolve());
      stream.resume();
      stream.respond({ ":status": 403 });
      stream.end("{}");
    };
  });
  const request = new Request("http://node/v1/x", { method: "POST", body: "body" });
  const head = { method: "POST", path: "/v1/x", headers: {}, hasBody: true };
  const response = await handleRequest(request, (exchange) => {
    void forward(exchange, peers, { url, head });
  });
  expect([response.status, await response.text()]).toEqual([403, "{}"]);
  await closed;
}, 5000);

it("has not answered with fewer bytes than it promised", async () => {
  const events: string[] = [];
  answer = (stream) => {
    stream.respond({ ":status": 200, "content-length": 10 });
    stream.end("short");
  };
  await new Promise<void>((resolve) => {
    const head = { method: "GET", path: "/", headers: {}, hasBody: false };
    peers.open(url, head, {
      goAhead: () => undefined,
      head: (status) => events.push(`head ${status}`),
      chunk: (bytes) => events.push(`chunk ${bytes.length}`),
      drained: () => undefined,
      end: () => resolve(void events.push("end")),
      fail: (how) => resolve(void events.push(how)),
    });
  });
  expect(events.at(-1)).toBe("reset");
});
