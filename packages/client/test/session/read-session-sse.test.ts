// The read session over server-sent events, for carriers without S2S. Numbers in comments are those of
// the recorded defects in tests/sdk/test/defects.test.ts.

import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import type { ReadSession } from "../../src/index.node.js";
import type { PeerExchange } from "../../src/testing/peer-exchange.js";
import { failureOf, peer, stream } from "../harness/client.js";

async function drain(session: ReadSession): Promise<number[]> {
  const seqNums: number[] = [];
  for await (const record of session) seqNums.push(record.seqNum);
  return seqNums;
}

function queryOf(exchange: PeerExchange | undefined): Record<string, string> {
  return Object.fromEntries(new URL(exchange?.path ?? "", "http://peer").searchParams);
}

describe("a read session over server-sent events", () => {
  const sse = { "content-type": "text/event-stream" };
  const batch = (...seqNums: number[]): string =>
    `event: batch\ndata: ${JSON.stringify({
      records: seqNums.map((seq_num) => ({ seq_num, timestamp: 1, body: btoa(`r${seq_num}`) })),
    })}\n\n`;

  it("reads batches until [DONE]", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open(sse);
      exchange.send(batch(0, 1));
      exchange.send("data: [DONE]\n\n");
      exchange.end();
    });
    const bodies: string[] = [];
    for await (const record of await stream(server.url, { transport: "fetch" }).readSession())
      bodies.push(record.body);
    expect(bodies).toEqual(["r0", "r1"]);
    expect(server.requests[0]?.headers).toMatchObject({
      accept: "text/event-stream",
      "s2-format": "base64",
    });
  });

  it.each([
    ["between events (H-5)", ""],
    ["inside an event (48)", "event: batch\ndata: {"],
  ])("reconnects when the response just ends %s", async (_, rest) => {
    const server = await peer();
    server.next((exchange) => {
      exchange.open(sse);
      exchange.send(batch(0) + rest);
      exchange.end();
    });
    server.next((exchange) => {
      exchange.open(sse);
      exchange.send(`${batch(1)}data: [DONE]\n\n`);
      exchange.end();
    });
    expect(await drain(await stream(server.url, { transport: "fetch" }).readSession())).toEqual([
      0, 1,
    ]);
    expect(queryOf(server.requests[1])).toEqual({ seq_num: "1" });
  });

  it.each([
    ["permission_denied", 403, 1],
    ["unavailable", 503, 3],
  ])(
    "gives an error event of code %s its status and retries accordingly (H-6)",
    async (code, status, tries) => {
      const server = await peer();
      server.always((exchange) => {
        exchange.open(sse);
        exchange.send(`event: error\ndata: {"code":"${code}","message":"no"}\n\n`);
        exchange.end();
      });
      const session = await stream(server.url, { transport: "fetch" }).readSession();
      expect(await failureOf(drain(session))).toMatchObject({ code, status, attempts: tries });
      expect(server.requests).toHaveLength(tries);
    },
  );

  it("reconnects after 25 s without an event, not sooner and not later (7, 59)", async () => {
    const server = await peer();
    const clock = createSimulatedClock();
    server.next((exchange) => {
      exchange.open(sse);
      exchange.send('event: ping\ndata: {"timestamp":1,"tail":{"seq_num":4,"timestamp":1}}\n\n');
    });
    server.next((exchange) => {
      exchange.open(sse);
      exchange.send("data: [DONE]\n\n");
      exchange.end();
    });
    const session = await stream(server.url, { transport: "fetch" }, { clock }).readSession();
    while (session.lastObservedTail() === undefined) await clock.advanceAsync(0);
    await clock.advanceAsync(24_900);
    expect(server.requests).toHaveLength(1);
    await clock.advanceAsync(200);
    while (server.requests.length < 2) await clock.advanceAsync(1);
    expect(await drain(session)).toEqual([]);
    expect(clock.liveTimers.filter(({ keepsAlive }) => keepsAlive)).toEqual([]);
  });
});
