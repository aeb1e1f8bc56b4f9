// What a read session gives, and what it does not: no record twice to concurrent callers, none behind the end
// of `readToTail`, none skipped or added by a heartbeat that comes before the first record.

import { describe, expect, it, vi } from "vitest";
import type { ReadInput } from "../../src/index.node.js";
import { ReadProgress } from "../../src/session/read/read-progress.js";
import type { PeerExchange } from "../../src/testing/peer-exchange.js";
import { peer, stream } from "../harness/client.js";

// What hangs here hangs for ever: no need to wait long for it.
vi.setConfig({ testTimeout: 8000 });

function queryOf(exchange: PeerExchange | undefined): Record<string, string> {
  return Object.fromEntries(new URL(exchange?.path ?? "", "http://peer").searchParams);
}

describe("concurrent calls of next", () => {
  it("each get the next record, whether they wait or not", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open();
      exchange.records([], 0);
    });
    const iterator = (await stream(server.url).readSession())[Symbol.asyncIterator]();
    const early = [iterator.next(), iterator.next(), iterator.next()];
    server.requests[0]?.records([0, 1]);
    await Promise.all(early.slice(0, 2));
    const late = [iterator.next(), iterator.next()];
    server.requests[0]?.records([2]);
    server.requests[0]?.records([3, 4, 5]);
    const results = await Promise.all([...early, ...late, iterator.next()]);
    expect(results.map(({ value }) => value?.seqNum as number)).toEqual([0, 1, 2, 3, 4, 5]);
    const ends = [iterator.next(), iterator.next()];
    await iterator.return?.();
    expect(await Promise.all(ends)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  it("each get the next batch", async () => {
    const server = await peer();
    server.always((exchange) => exchange.open());
    const batches = (await stream(server.url).readSession()).batches();
    const pending = [batches.next(), batches.next()];
    server.requests[0]?.records([0, 1]);
    server.requests[0]?.records([2]);
    const results = await Promise.all(pending);
    expect(results).toMatchObject([
      { value: { records: [{ seqNum: 0 }, { seqNum: 1 }] } },
      { value: { records: [{ seqNum: 2 }] } },
    ]);
    await batches.return?.();
  });

  it("end together when the session fails", async () => {
    const server = await peer();
    server.next((exchange) => {
      exchange.open();
      exchange.records([], 0);
    });
    server.always((exchange) => exchange.json(404, { code: "stream_not_found", message: "no" }));
    const iterator = (await stream(server.url).readSession())[Symbol.asyncIterator]();
    const pending = Promise.allSettled([iterator.next(), iterator.next()]);
    server.requests[0]?.reset();
    expect(await pending).toMatchObject([
      { status: "rejected", reason: { code: "stream_not_found" } },
      { status: "fulfilled", value: { done: true } },
    ]);
  });
});

describe("readToTail", () => {
  it("ends at its tail though the first batch is past it, as after a trim", async () => {
    const server = await peer();
    server.next((exchange) => exchange.json(200, { tail: { seq_num: 5, timestamp: 0 } }));
    server.always((exchange) => {
      exchange.open();
      // Records 0 to 6 were trimmed in between, and the tail moves on and on.
      exchange.records([7, 8], 9);
    });
    const session = await stream(server.url).readToTail();
    expect(await session[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
    await server.requests[1]?.closed;
  });
});

describe("a heartbeat before the first record", () => {
  const resumed = async (
    from: NonNullable<ReadInput["start"]>,
    tails: readonly number[],
  ): Promise<Record<string, string>> => {
    const server = await peer();
    server.next((exchange) => {
      exchange.open();
      for (const tail of tails) exchange.records([], tail);
      setImmediate(() => exchange.reset());
    });
    server.always((exchange) => {
      exchange.open();
      exchange.records([99]);
    });
    const session = await stream(server.url).readSession({ start: from });
    await session[Symbol.asyncIterator]().next();
    await session.cancel();
    return queryOf(server.requests[1]);
  };

  it.each([
    // Neither back to a tail below it, nor on to one above.
    [{ from: { seqNum: 50 } }, [10], "50"],
    [{ from: { seqNum: 5 } }, [100], "5"],
    [{ from: { seqNum: 5 }, clamp: true }, [100], "5"],
    [{ from: { seqNum: 50 }, clamp: true }, [10], "10"],
    // What came since the first tail comes as records.
    [{ from: { tailOffset: 0 } }, [10, 12], "10"],
    [{ from: { tailOffset: 3 } }, [10], "7"],
    [{ from: { timestamp: 1 } }, [10], "10"],
  ] as const)("leaves the start %j with the tails %j at %s", async (start, tails, seqNum) => {
    expect((await resumed(start, tails)).seq_num).toBe(seqNum);
  });

  it("is not where a reconnect starts once there were records", () => {
    const progress = new ReadProgress({ from: { tailOffset: 0 } });
    progress.note({ records: [], tail: { seqNum: 4, timestamp: 0 } }, 0);
    progress.note(
      { records: [{ seqNum: 4, timestamp: 0, headers: [], body: new Uint8Array(0) }] },
      0,
    );
    progress.note({ records: [], tail: { seqNum: 9, timestamp: 0 } }, 0);
    expect(progress.resumeSeqNum).toBe(5);
  });
});
