// The ways into a server that are not plain requests are held to the same tokens: WebSockets, where
// token and basin come by other roads, and basins that are found by host name.

import { request } from "node:http";
import { createFrameDecoder, type Frame } from "@s2kit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ackOf, inputFrame } from "../support/s2s-client.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const ROOT = { authorization: "Bearer root-token-of-tests" };
const MINE = "other-doors-mine";
const THEIRS = "other-doors-theirs";

let server: TestServer;
let reader = "";

beforeAll(async () => {
  server = await startServer({
    auth: true,
    rootToken: "root-token-of-tests",
    basinZone: "s2.test",
  });
  for (const basin of [MINE, THEIRS]) {
    await call(server.url, "PUT", `/v1/basins/${basin}`, { headers: ROOT });
    await call(server.url, "PUT", "/v1/streams/t%2Fs", { headers: ROOT, basin });
  }
  reader = await issue("reader", ["read"]);
});
afterAll(() => server.server.close());

async function issue(id: string, ops: readonly string[]): Promise<string> {
  const scope = { basins: { exact: MINE }, streams: { prefix: "t/" }, ops };
  const json = { id, auto_prefix_streams: true, scope };
  const answer = await call(server.url, "POST", "/v1/access-tokens", { headers: ROOT, json });
  expect(answer.status).toBe(201);
  return answer.json.access_token;
}

interface Dial {
  readonly token?: string;
  readonly mode: "append" | "read";
  readonly basin?: string;
}

interface Line {
  readonly socket: WebSocket;
  next(): Promise<Frame>;
}

/** A session over WebSocket, and the frames that come. */
function dial({ token, mode, basin = MINE }: Dial): Line {
  const origin = server.url.replace("http", "ws");
  const bearer =
    token === undefined ? [] : [`s2.bearer.${Buffer.from(token).toString("base64url")}`];
  const query = `basin=${basin}&mode=${mode}${mode === "read" ? "&seq_num=0" : ""}`;
  const socket = new WebSocket(`${origin}/v1/streams/s/records?${query}`, ["s2s.v1", ...bearer]);
  const decoder = createFrameDecoder();
  const frames: Frame[] = [];
  let wake: (() => void) | undefined;
  socket.on("message", (data: Buffer) => {
    decoder.push(data);
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
      frames.push(frame);
    wake?.();
  });
  return {
    socket,
    async next() {
      while (frames.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return frames.shift() as Frame;
    },
  };
}

async function refusalOf(asked: Dial): Promise<unknown> {
  const line = dial(asked);
  const frame = await line.next();
  line.socket.terminate();
  return frame;
}

function terminal(status: number, code: string): unknown {
  return expect.objectContaining({
    kind: "terminal",
    status,
    json: expect.stringContaining(code) as string,
  });
}

describe("a WebSocket", () => {
  it("needs a token, like any request", async () => {
    for (const mode of ["append", "read"] as const) {
      expect(await refusalOf({ mode })).toEqual(terminal(401, "authn"));
      expect(await refusalOf({ mode, token: "unknown" })).toEqual(terminal(401, "authn"));
    }
  });

  it("is held to the operations and basins of its token", async () => {
    expect(await refusalOf({ mode: "append", token: reader })).toEqual(
      terminal(403, "permission_denied"),
    );
    for (const basin of [THEIRS, "no-such-basin"])
      expect(await refusalOf({ mode: "read", token: reader, basin })).toEqual(
        terminal(403, "permission_denied"),
      );
  });

  it("prefixes stream names, and ends when its token is revoked", async () => {
    const token = await issue("writer", ["append"]);
    const line = dial({ mode: "append", token });
    await new Promise((resolve) => line.socket.once("open", resolve));
    line.socket.send(inputFrame(["hello"]));
    const frame = await line.next();
    expect(frame.kind).toBe("message");
    if (frame.kind === "message")
      expect(
        ackOf({ kind: "message", body: frame.body, compression: "none", advised: false }).end
          .seqNum,
      ).toBe(1);
    const stored = await call(server.url, "GET", "/v1/streams/t%2Fs/records?seq_num=0", {
      headers: ROOT,
      basin: MINE,
    });
    expect(stored.json.records[0].body).toBe("hello");
    await call(server.url, "DELETE", "/v1/access-tokens/writer", { headers: ROOT });
    expect(await line.next()).toEqual(terminal(401, "authn"));
  });
});

describe("a basin by its host name", () => {
  function get(host: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const headers = { host, authorization: `Bearer ${reader}` };
      const sent = request(
        `${server.url}/v1/streams/s/records?seq_num=0`,
        { headers },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      sent.on("error", reject);
      sent.end();
    });
  }

  it("is held to the basins of the token", async () => {
    expect(await get(`${MINE}.s2.test`)).toBe(200);
    expect(await get(`${THEIRS}.s2.test`)).toBe(403);
    expect(await get("no-such-basin.s2.test")).toBe(403);
  });
});
