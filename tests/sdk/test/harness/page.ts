// What runs inside the browser: the client as a page would use it. The test calls these by name.

import { AppendInput, AppendRecord, S2, type SessionTransport } from "@s2kit/client";
import { Producer } from "@s2kit/producer";

const BASIN = "test-basin";

function connect(url: string, transport: SessionTransport): S2 {
  return new S2({
    accessToken: "browser-token",
    endpoints: { account: url, basin: url },
    transport,
    retry: { minBaseDelayMillis: 1, maxBaseDelayMillis: 5, maxAttempts: 20 },
  });
}

const page = {
  /** Appends records one batch each, pipelined; gives the seqNums of their acknowledgements. */
  async append(
    url: string,
    transport: SessionTransport,
    stream: string,
    count: number,
  ): Promise<number[]> {
    const s2 = connect(url, transport);
    const session = await s2.basin(BASIN).stream(stream).appendSession();
    const tickets = [];
    for (let i = 0; i < count; i++)
      tickets.push(
        await session.submit(AppendInput.create([AppendRecord.string({ body: `b${i}` })])),
      );
    const acks = await Promise.all(tickets.map((ticket) => ticket.ack()));
    await session.close();
    await s2.close();
    return acks.map(({ start }) => start.seqNum);
  },

  async produce(
    url: string,
    transport: SessionTransport,
    stream: string,
    count: number,
  ): Promise<number> {
    const s2 = connect(url, transport);
    const producer = new Producer(await s2.basin(BASIN).stream(stream).appendSession());
    for (let i = 0; i < count; i++) await producer.submit(AppendRecord.string({ body: `b${i}` }));
    await producer.close();
    await s2.close();
    return count;
  },

  /** Follows a stream until it has seen `count` records. */
  async follow(
    url: string,
    transport: SessionTransport,
    stream: string,
    count: number,
  ): Promise<string[]> {
    const s2 = connect(url, transport);
    const session = await s2
      .basin(BASIN)
      .stream(stream)
      .readSession({ start: { from: { seqNum: 0 } } });
    const bodies: string[] = [];
    for await (const { body } of session) {
      bodies.push(body);
      if (bodies.length === count) break;
    }
    await s2.close();
    return bodies;
  },

  /** Aborts a live read; gives the code of what it rejects with. */
  async abort(url: string, transport: SessionTransport, stream: string): Promise<string> {
    const controller = new AbortController();
    const session = await connect(url, transport)
      .basin(BASIN)
      .stream(stream)
      .readSession({ start: { from: { seqNum: 0 } } }, { signal: controller.signal });
    const waiting = session[Symbol.asyncIterator]().next();
    controller.abort();
    return waiting.then(
      () => "no rejection",
      (error: { code: string }) => error.code,
    );
  },

  /** The code and status of a read that must fail. */
  async failure(url: string, transport: SessionTransport, stream: string): Promise<string> {
    try {
      await connect(url, transport)
        .basin("strict-basin")
        .stream(stream)
        .readSession({ start: { from: { seqNum: 0 } } });
      return "no rejection";
    } catch (caught) {
      const { code, status } = caught as { code: string; status: number };
      return `${code} ${status}`;
    }
  },
};

export type Page = typeof page;

(globalThis as unknown as { s2page: Page }).s2page = page;
