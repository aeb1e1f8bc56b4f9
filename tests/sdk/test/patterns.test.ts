// Messages over the real server and a network that cuts connections: eight writers at once, messages of two to
// three megabytes, fences and trims between them, writers and readers that restart. Every message that was
// acknowledged arrives once, unmixed, in the order of its writer.

import { AppendRecord, type S2Stream } from "@s2kit/client";
import { startFaultyNetwork } from "@s2kit/client/testing";
import { randomInteger, seededRandom } from "@s2kit/core";
import {
  type DroppedRecords,
  type MessageCheckpoint,
  type MessageCodec,
  MessageWriter,
  readMessages,
} from "@s2kit/producer/patterns";
import { describe, expect, it } from "vitest";
import { BASIN, closing, connect, startServer } from "./harness/server.js";

const WRITERS = 8;
const MESSAGES = 2;
const FENCES = 50;
/** Much is written more than once, on a machine that may be busy. */
const LIMIT_MS = 60_000;

interface Blob {
  readonly id: string;
  readonly bytes: Buffer;
}

/** One buffer for all messages: what is written must not depend on it. */
function sharedCodec(): MessageCodec<Blob> {
  const buffer = Buffer.alloc(4 * 1024 * 1024);
  return {
    encode({ id, bytes }) {
      buffer.write(id.padEnd(16));
      bytes.copy(buffer, 16);
      return buffer.subarray(0, 16 + bytes.length);
    },
    decode: (bytes) => ({
      id: Buffer.from(bytes.subarray(0, 16)).toString().trim(),
      bytes: Buffer.from(bytes.subarray(16)),
    }),
  };
}

/** Every 4 bytes name the message and the place. */
function blob(id: string, length: number): Blob {
  const bytes = Buffer.alloc(length);
  const seed = Buffer.from(id).reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7);
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE((seed ^ at) >>> 0, at);
  return { id, bytes };
}

/** Writes messages, restarting under the same id after each. */
async function writeAll(stream: S2Stream, name: string, sizes: readonly number[]): Promise<void> {
  const codec = sharedCodec();
  for (const [i, size] of sizes.entries()) {
    const session = await stream.appendSession();
    const writer = new MessageWriter(session, codec, { writerId: name, dedupeSeq: i * 2 ** 32 });
    await Promise.all([
      writer.write(blob(`${name}/${i}a`, size)),
      writer.write(blob(`${name}/${i}b`, 10)),
    ]);
    await session.close();
  }
}

describe("messages under a network that cuts connections", () => {
  it(
    "of eight writers arrive once, unmixed and in order, across restarts and trims",
    async () => {
      const random = seededRandom(5);
      const { url } = await startServer();
      const network = closing(await startFaultyNetwork(url));
      const retry = { maxAttempts: 100 };
      const stream = (): S2Stream =>
        connect(network.url, { retry }).basin(BASIN).stream("messages");
      const direct = connect(url).basin(BASIN).stream("messages");
      await direct.append({ records: [AppendRecord.string({ body: "no message" })] });

      // Enough for a message, so that however slow the machine is there is progress.
      network.cutAfterBytesUp = randomInteger(random, 4_000_000, 9_000_000);
      const commands = (async () => {
        for (let i = 0; i < FENCES; i++) await direct.fence("");
      })();
      const writing = Promise.all(
        Array.from({ length: WRITERS }, (_, i) =>
          writeAll(
            stream(),
            `w${i}`,
            Array.from({ length: MESSAGES }, () => randomInteger(random, 2_000_000, 3_000_000)),
          ),
        ),
      );

      const seen: string[] = [];
      const dropped: DroppedRecords[] = [];
      let checkpoint: MessageCheckpoint | undefined;
      const reader = connect(network.url, { retry }).basin(BASIN).stream("messages");
      while (seen.length < WRITERS * MESSAGES * 2) {
        const session = await reader.readSession(
          { start: { from: { seqNum: checkpoint?.seqNum ?? 0 } } },
          { as: "bytes" },
        );
        let left = randomInteger(random, 1, 8);
        for await (const received of readMessages(session, sharedCodec(), {
          checkpoint,
          onDropped: (each) => dropped.push(each),
        })) {
          const { id, bytes } = received.message;
          expect(bytes.equals(blob(id, bytes.length).bytes), id).toBe(true);
          seen.push(id);
          checkpoint = JSON.parse(JSON.stringify(received.checkpoint())) as MessageCheckpoint;
          if (--left === 0 || seen.length === WRITERS * MESSAGES * 2) break;
        }
        await direct.fence("");
        await direct.trim(checkpoint?.seqNum ?? 0);
        network.cutAfterBytesUp = randomInteger(random, 4_000_000, 9_000_000);
        if (random.next() < 0.5) network.cut();
      }
      await writing;
      await commands;
      for (let i = 0; i < WRITERS; i++)
        expect(seen.filter((id) => id.startsWith(`w${i}/`))).toEqual(
          Array.from({ length: MESSAGES }, (_, n) => [`w${i}/${n}a`, `w${i}/${n}b`]).flat(),
        );
      const reasons = new Set(dropped.map(({ reason }) => reason));
      // Repeats depend on where the network cut; anything else would be a loss.
      reasons.delete("duplicate");
      expect([...reasons]).toEqual(["foreign"]);
      expect(network.connectionCount).toBeGreaterThan(WRITERS);
    },
    LIMIT_MS,
  );
});
