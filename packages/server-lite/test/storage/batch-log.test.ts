// The blocks that the memory engine keeps a stream in.

import { describe, expect, it } from "vitest";
import { BatchLog } from "../../src/storage/memory/batch-log.js";
import { appendOf, linesOf } from "../../src/testing/append-source.js";

function filled(count: number, bodyBytes: number): BatchLog {
  const log = new BatchLog();
  for (let seqNum = 0; seqNum < count; seqNum++) {
    const bodies = [new Uint8Array(bodyBytes)];
    log.append(appendOf({ streamId: 1, firstSeqNum: seqNum, bodies }), seqNum + 1);
  }
  return log;
}

function blocksOf(log: BatchLog): Set<ArrayBufferLike> {
  return new Set([...log.from(0)].map(({ batch }) => batch.bytes.buffer));
}

describe("the batches of a stream in memory", () => {
  it("take little for one record, and blocks of at most 1 MiB for many", () => {
    const [only] = blocksOf(filled(1, 100));
    expect(only?.byteLength).toBeLessThan(200);
    const blocks = [...blocksOf(filled(4000, 1024))];
    expect(blocks.length).toBeLessThan(20);
    expect(Math.max(...blocks.map(({ byteLength }) => byteLength))).toBe(1024 * 1024);
  });

  it("are found from any of their records on, with their facts", () => {
    const log = new BatchLog();
    for (let index = 0; index < 40; index++)
      log.append(
        appendOf({ streamId: 1, firstSeqNum: 2 * index, bodies: [`a${index}`, `b${index}`] }),
        100 + index,
      );
    for (let seqNum = 0; seqNum < 80; seqNum++) {
      const found = [...log.from(seqNum)];
      const index = seqNum >> 1;
      expect(found.length).toBe(40 - index);
      expect(found[0]?.position).toBe(100 + index);
      expect(linesOf([found[0]?.batch as never]).join()).toContain(`:a${index}`);
    }
    expect([...log.from(80)]).toEqual([]);
  });

  it("leave memory when they are trimmed, block by block", () => {
    const log = filled(4000, 1024);
    const before = blocksOf(log).size;
    log.trim(2000);
    expect(blocksOf(log).size).toBeLessThan(before);
    expect([...log.from(2000)][0]?.batch.firstSeqNum).toBe(2000);
    log.trim(4000);
    expect(blocksOf(log).size).toBe(0);
  });
});
