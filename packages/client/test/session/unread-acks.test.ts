// Acknowledgements that nobody reads: bounded, because the room of their batches stays taken. Submits wait for
// the reader; closing does not.

import { describe, expect, it } from "vitest";
import { AppendInput, AppendRecord } from "../../src/index.node.js";
import type { PeerExchange } from "../../src/testing/peer-exchange.js";
import { peer, stream } from "../harness/client.js";

const INPUT = AppendInput.create([AppendRecord.string({ body: "a" })]);
const MAX_UNREAD = 1024;
const IN_FLIGHT = 4;

async function acknowledging(exchange: PeerExchange): Promise<void> {
  exchange.open();
  while ((await exchange.nextInput()) !== undefined) exchange.ack(1);
  exchange.end();
}

describe("acknowledgements behind an unread stream", () => {
  it("are as many as stated and no more, until they are read", async () => {
    const server = await peer();
    server.always(acknowledging);
    const session = await stream(server.url).appendSession({ maxInflightBatches: IN_FLIGHT });
    const reader = session.acks().getReader();
    let submitted = 0;
    const submitting = (async () => {
      for (; submitted < 3000; submitted++) await session.submit(INPUT);
    })();
    await expect.poll(() => submitted).toBeGreaterThanOrEqual(MAX_UNREAD + IN_FLIGHT - 1);
    await expect.poll(() => session.lastAckedPosition()?.end.seqNum).toBe(submitted);
    // All are acknowledged, and still nothing more is taken.
    expect(submitted).toBe(MAX_UNREAD + IN_FLIGHT - 1);
    expect(session.trySubmit(INPUT)).toBeUndefined();
    for (let seqNum = 0; seqNum < 3000; seqNum++)
      expect((await reader.read()).value?.start.seqNum).toBe(seqNum);
    await submitting;
    await session.close();
    expect((await reader.read()).done).toBe(true);
  });

  it("keep no close waiting, and can be read afterwards", async () => {
    const server = await peer();
    server.always(acknowledging);
    const session = await stream(server.url).appendSession({ maxInflightBatches: 1 });
    const reader = session.readable.getReader();
    for (let i = 0; i < MAX_UNREAD; i++) await session.submit(INPUT);
    const waiting = session.submit(INPUT).catch((error: unknown) => error);
    await session.close();
    expect(await waiting).toMatchObject({ code: "SESSION_CLOSED" });
    let count = 0;
    while (!(await reader.read()).done) count++;
    expect(count).toBe(MAX_UNREAD);
  });

  it("take no room in a session that was closed without a reader", async () => {
    const server = await peer();
    server.always(acknowledging);
    const session = await stream(server.url).appendSession({ maxInflightBatches: 1 });
    expect(session.readable.locked).toBe(false);
    for (let i = 0; i < MAX_UNREAD; i++) await session.submit(INPUT);
    await expect.poll(() => session.lastAckedPosition()?.end.seqNum).toBe(MAX_UNREAD);
    await session.close();
    // The ledger of the harness looks at the rest.
  });

  it("hold nothing up where nobody asked for the stream", async () => {
    const server = await peer();
    server.always(acknowledging);
    const session = await stream(server.url).appendSession({ maxInflightBatches: 1 });
    for (let i = 0; i < 2 * MAX_UNREAD; i++) await session.submit(INPUT);
    await session.close();
    expect(session.lastAckedPosition()?.end.seqNum).toBe(2 * MAX_UNREAD);
  });
});
