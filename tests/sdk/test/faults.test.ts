// Client, faulty network, real server: connections are cut at random while a producer writes and a reader
// follows. Nothing acknowledged is lost, nothing is out of order, and the reader misses nothing.

import { AppendRecord } from "@s2kit/client";
import { startFaultyNetwork } from "@s2kit/client/testing";
import { randomInteger, seededRandom } from "@s2kit/core";
import { Producer } from "@s2kit/producer";
import { describe, expect, it } from "vitest";
import { BASIN, closing, connect, startServer } from "./harness/server.js";

const RECORDS = 2000;

describe("under a network that cuts connections", () => {
  it.each([1, 2, 3])(
    "a producer loses nothing and a reader misses nothing (seed %i)",
    async (seed) => {
      const random = seededRandom(seed);
      const { url } = await startServer();
      const network = closing(await startFaultyNetwork(url));
      const writer = connect(network.url, { retry: { maxAttempts: 50 } });
      const follower = connect(network.url, { retry: { maxAttempts: 50 } });
      const producer = new Producer(await writer.basin(BASIN).stream("s").appendSession(), {
        maxBatchRecords: 7,
        lingerDurationMillis: 0,
      });
      const seen: [number, string][] = [];
      const reader = await follower
        .basin(BASIN)
        .stream("s")
        .readSession({ start: { from: { seqNum: 0 } } });
      const reading = (async () => {
        for await (const { seqNum, body } of reader) {
          seen.push([seqNum, body]);
          if (body === "last") break;
        }
      })();
      const tickets = [];
      for (let i = 0; i < RECORDS; i++) {
        tickets.push(await producer.submit(AppendRecord.string({ body: `r${i}` })));
        if (i % 100 === 0) {
          network.cutAfterBytesUp = randomInteger(random, 200, 20_000);
          network.cutAfterBytesDown = randomInteger(random, 200, 20_000);
          if (random.next() < 0.5) network.cut();
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      }
      network.cutAfterBytesUp = undefined;
      network.cutAfterBytesDown = undefined;
      network.cut();
      await producer.submit(AppendRecord.string({ body: "last" }));
      await producer.close();
      await reading;
      const acks = await Promise.all(tickets.map((ticket) => ticket.ack()));
      // Gapless and in order, whatever happened to the connections.
      expect(seen.map(([seqNum]) => seqNum)).toEqual(seen.map((_, i) => i));
      // Each acknowledged record is where its acknowledgement says.
      for (const [i, ack] of acks.entries()) expect(seen[ack.seqNum()]?.[1]).toBe(`r${i}`);
      // Duplicates are possible under `all`, but first occurrences keep the order.
      const firsts = [...new Set(seen.map(([, body]) => body))];
      expect(firsts).toEqual([...Array.from({ length: RECORDS }, (_, i) => `r${i}`), "last"]);
      expect(network.connectionCount).toBeGreaterThan(5);
    },
  );

  it("writes nothing twice under noSideEffects, and says so when it cannot go on", async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = seededRandom(seed);
      const { url } = await startServer();
      const network = closing(await startFaultyNetwork(url));
      network.cutAfterBytesUp = randomInteger(random, 500, 8000);
      const stream = connect(network.url, {
        retry: { maxAttempts: 50, appendRetryPolicy: "noSideEffects" },
      })
        .basin(BASIN)
        .stream("s");
      const producer = new Producer(await stream.appendSession(), {
        maxBatchRecords: 5,
        lingerDurationMillis: 0,
      });
      const tickets = [];
      let failure: unknown;
      try {
        for (let i = 0; i < 3000; i++)
          tickets.push(await producer.submit(AppendRecord.string({ body: `r${i}` })));
        await producer.close();
      } catch (caught) {
        failure = caught;
      }
      const bodies: string[] = [];
      for await (const { body } of await connect(url).basin(BASIN).stream("s").readToTail())
        bodies.push(body);
      expect(new Set(bodies).size).toBe(bodies.length);
      const outcomes = await Promise.allSettled(tickets.map((ticket) => ticket.ack()));
      for (const [i, outcome] of outcomes.entries())
        if (outcome.status === "fulfilled") expect(bodies[outcome.value.seqNum()]).toBe(`r${i}`);
      expect(failure).toMatchObject({ origin: "network", hasNoSideEffects: false });
    }
  });

  it("survives a restart of the server on the same port", async () => {
    const { server, url } = await startServer();
    const stream = connect(url, { retry: { maxAttempts: 200 } })
      .basin(BASIN)
      .stream("s");
    const session = await stream.appendSession();
    await (await session.submit({ records: [AppendRecord.string({ body: "a" })] })).ack();
    const { port } = new URL(url);
    await server.close();
    const pending = (await session.submit({ records: [AppendRecord.string({ body: "b" })] })).ack();
    const { createServer } = await import("@s2kit/server-lite");
    const again = closing(createServer({ port: Number(port) }));
    await again.listen();
    await connect(url).basins.create({ basin: BASIN });
    // Memory storage: the new server knows nothing, and says so at once instead of hanging.
    await expect(pending).rejects.toMatchObject({ status: 404 });
  });
});
