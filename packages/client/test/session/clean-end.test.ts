// Which ends of an answer a read session believes. What a proxy makes of a dead backend, and of an idle
// stream, looks like the end that a server makes.

import { describe, expect, it } from "vitest";
import {
  judgeByNext,
  judgeEnd,
  mayFollow,
  type ReadEnd,
} from "../../src/session/read/clean-end.js";
import { failureOf, peer, stream } from "../harness/client.js";

const NEXT = { seqNum: 5, timestamp: 1000, headers: [], body: new Uint8Array(92) };

function end(facts: Partial<ReadEnd>): ReadEnd {
  return {
    asked: {},
    left: facts.asked ?? {},
    nextSeqNum: 5,
    tailSeqNum: undefined,
    endSeqNum: undefined,
    quietMillis: 0,
    ...facts,
  };
}

describe("the end of an answer", () => {
  it("ends no read that goes on for ever", () => {
    expect(judgeEnd(end({}))).toBe("cut");
    expect(judgeEnd(end({ tailSeqNum: 5, quietMillis: 1e9 }))).toBe("cut");
  });

  it("ends a read whose bounds are reached, with a wait or without", () => {
    for (const waitSecs of [undefined, 0, 60]) {
      const asked = { count: 3, bytes: 100, waitSecs };
      expect(judgeEnd(end({ asked, left: { ...asked, count: 0 } }))).toBe("explained");
      expect(judgeEnd(end({ asked, left: { ...asked, bytes: 0 } }))).toBe("explained");
    }
    expect(judgeEnd(end({ asked: { waitSecs: 0 }, endSeqNum: 5 }))).toBe("explained");
    expect(judgeEnd(end({ asked: { waitSecs: 60 }, endSeqNum: 6 }))).toBe("cut");
  });

  it("ends a read without a wait at a tail that is known, and is asked for otherwise", () => {
    for (const asked of [{ waitSecs: 0 }, { count: 9 }, { until: 9 }, { bytes: 9 }]) {
      expect(mayFollow(asked)).toBe(false);
      expect(judgeEnd(end({ asked, tailSeqNum: 5 }))).toBe("explained");
      expect(judgeEnd(end({ asked, tailSeqNum: 6 }))).toBe("ask");
      expect(judgeEnd(end({ asked }))).toBe("ask");
      expect(judgeEnd(end({ asked, nextSeqNum: undefined, tailSeqNum: 5 }))).toBe("ask");
      expect(judgeByNext(end({ asked }), undefined)).toBe("explained");
    }
  });

  it("ends a wait that has passed since the last delivery, and no other", () => {
    const asked = { waitSecs: 10 };
    expect(judgeEnd(end({ asked, quietMillis: 10_000 }))).toBe("explained");
    expect(judgeEnd(end({ asked, quietMillis: 9600 }))).toBe("explained");
    expect(judgeEnd(end({ asked, quietMillis: 9000, tailSeqNum: 5 }))).toBe("cut");
    expect(judgeEnd(end({ asked: { waitSecs: 1 }, quietMillis: 400 }))).toBe("cut");
    expect(judgeEnd(end({ asked: { ...asked, count: 9 } }))).toBe("cut");
  });

  it("asks for the record that a bound may have kept back", () => {
    for (const asked of [
      { bytes: 99, waitSecs: 10 },
      { until: 1000, waitSecs: 10 },
    ]) {
      expect(judgeEnd(end({ asked }))).toBe("ask");
      expect(judgeByNext(end({ asked }), NEXT)).toBe("explained");
      expect(judgeByNext(end({ asked }), undefined)).toBe("cut");
    }
    // 8 + 92 metered bytes fit into 100, and 1000 lies before 1001.
    expect(judgeByNext(end({ asked: { bytes: 100 } }), NEXT)).toBe("cut");
    expect(judgeByNext(end({ asked: { until: 1001 } }), NEXT)).toBe("cut");
    expect(judgeByNext(end({ asked: { waitSecs: 0 } }), NEXT)).toBe("cut");
  });
});

describe.each(["s2s", "fetch"] as const)("a bounded read over %s", (transport) => {
  const input = { start: { from: { seqNum: 0 } }, stop: { limits: { count: 9 } } };
  const tail = (seqNum: number): unknown => ({ tail: { seq_num: seqNum, timestamp: 0 } });

  it("that was cut right at the tail has everything: the 416 of its own place is its end", async () => {
    const server = await peer();
    server.next(async (exchange) => {
      exchange.open();
      if (transport === "s2s") exchange.records([0, 1]);
      else
        exchange.send(
          `id: 1,2,20\nevent: batch\ndata: {"records":[{"seq_num":0,"timestamp":0},{"seq_num":1,"timestamp":0}]}\n\n`,
        );
      await exchange.drained();
      setTimeout(() => exchange.cutConnection(), 20);
    });
    server.always((exchange) => exchange.json(416, tail(2)));
    const session = await stream(server.url, { transport }).readSession(input);
    const seen: number[] = [];
    for await (const { seqNum } of session) seen.push(seqNum);
    expect(seen).toEqual([0, 1]);
    expect(server.requests).toHaveLength(2);
  });

  it("fails with the 416 of another place, and with that of its first request", async () => {
    const server = await peer();
    server.always((exchange) => exchange.json(416, tail(0)));
    expect(await failureOf(stream(server.url, { transport }).readSession(input))).toMatchObject({
      code: "RANGE_NOT_SATISFIABLE",
    });
  });
});

describe("a read whose end nothing explains", () => {
  it("asks once in JSON, and goes on when there is more", async () => {
    const server = await peer();
    server.next((exchange) => {
      exchange.open();
      exchange.records([0, 1]);
      exchange.end();
    });
    const next = '{"records":[{"seq_num":2,"timestamp":2}]}';
    server.next((exchange) => exchange.respond(200, next));
    server.next((exchange) => {
      exchange.open();
      exchange.records([2], 3);
      exchange.end();
    });
    const session = await stream(server.url).readSession({
      start: { from: { seqNum: 0 } },
      stop: { waitSecs: 0 },
    });
    const seen: number[] = [];
    for await (const { seqNum } of session) seen.push(seqNum);
    expect(seen).toEqual([0, 1, 2]);
    expect(server.requests.map(({ path }) => path.replace(/.*\?/, ""))).toEqual([
      "seq_num=0&wait=0",
      "seq_num=2&count=1&wait=0",
      "seq_num=2&wait=0",
    ]);
    expect(server.requests[1]?.headers).toMatchObject({
      accept: "application/json",
      "s2-format": "base64",
    });
  });

  it("believes no empty answer of something in between", async () => {
    const server = await peer();
    server.next((exchange) => {
      exchange.open();
      exchange.records([0]);
      exchange.end();
    });
    server.next((exchange) => exchange.respond(200, ""));
    server.next((exchange) => {
      exchange.open();
      exchange.records([1], 2);
      exchange.end();
    });
    const session = await stream(server.url).readSession({
      start: { from: { seqNum: 0 } },
      stop: { waitSecs: 0 },
    });
    const seen: number[] = [];
    for await (const { seqNum } of session) seen.push(seqNum);
    expect(seen).toEqual([0, 1]);
  });

  it("is told as lost when it can never be finished", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open();
      exchange.end();
    });
    const session = await stream(server.url, { transport: "s2s" }).readSession();
    expect(await failureOf(session[Symbol.asyncIterator]().next())).toMatchObject({
      code: "STREAM_CLOSED_PREMATURELY",
      attempts: 3,
    });
    expect(server.requests).toHaveLength(3);
  });
});
