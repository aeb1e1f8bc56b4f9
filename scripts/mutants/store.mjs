// Planted faults of the storage engines and of reading: see ../mutants.mjs.

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "M1-follow-behind",
    fault: "a reader behind the tail joins the followers",
    file: "packages/server-lite/src/backend/streamer.ts",
    change: [["fromSeqNum === this.stableTail.seqNum ?", "fromSeqNum <= this.stableTail.seqNum ?"]],
    test: "packages/server-lite/test/backend/reader.test.ts",
  },
  {
    id: "A1-switch-one-by-one",
    fault: "merged data files leave one by one: a reader meets a part of the old ones",
    file: "packages/server-lite/src/storage/disk/extent-reader.ts",
    change: [
      ["    for (const fileId of removed) this.live.delete(fileId);\n", ""],
      [
        "async release(fileId: number): Promise<void> {",
        "async release(fileId: number): Promise<void> { this.live.delete(fileId);",
      ],
    ],
    test: "packages/server-lite/test/storage/upkeep-reads.test.ts",
    name: "closed one by one",
  },
  {
    id: "A1-stale-read-ahead",
    fault: "an empty read-ahead from before a trim stands for everything up to a newer tail",
    file: "packages/server-lite/src/backend/reader.ts",
    change: [["prefetched?.fromSeqNum === this.position", "prefetched !== undefined"]],
    test: "packages/server-lite/test/backend/reader-trims.test.ts",
  },
  {
    id: "A1-empty-to-tail",
    fault: "an empty answer moves a reader to its tail, whatever the trim point",
    file: "packages/server-lite/src/backend/reader.ts",
    change: [
      [
        "    this.skipTrimmed();\n    if (this.position > position) return undefined;",
        "    this.position = this.tail.seqNum;\n    if (this.position > position) return undefined;",
      ],
    ],
    test: "packages/server-lite/test/backend/reader-trims.test.ts",
    name: "never an answer",
  },
  {
    id: "A1-reader-trusts-storage",
    fault: "a reader delivers a hole that storage has in its answer",
    file: "packages/server-lite/src/backend/reader.ts",
    change: [["      this.requireContiguousRun(stored);\n", ""]],
    test: "packages/server-lite/test/backend/reader-trims.test.ts",
    name: "never an answer",
  },
  {
    id: "A5-deleted-is-complete",
    fault: "a bounded read of a stream that is deleted under it ends as if it were complete",
    file: "packages/server-lite/src/backend/reader.ts",
    change: [["throw ending ?? streamDeletionPending();", "return undefined;"]],
    test: "packages/server-lite/test/backend/reader-trims.test.ts",
    name: "delivers what it has",
  },
  {
    id: "A1-clock-jump",
    fault: "one batch that was stamped in the future stops retention for ever (disk)",
    file: "packages/server-lite/src/storage/disk/read.ts",
    change: [
      [
        "if (writtenMs >= cutoffMs && writtenMs <= nowMs) return true;",
        "if (writtenMs >= cutoffMs) return true;",
      ],
    ],
    test: "packages/server-lite/test/storage/disk.test.ts",
    name: "inline writes .*stamped in the future",
  },
  {
    id: "A1-clock-jump-memory",
    fault: "one batch that was stamped in the future stops retention for ever (memory)",
    file: "packages/server-lite/src/storage/memory-tables.ts",
    change: [["else if (batch.writtenMs <= nowMs) break;", "else break;"]],
    test: "packages/server-lite/test/storage/memory.test.ts",
    name: "stamped in the future",
  },
  {
    id: "A1-dead-bytes-lost",
    fault: "a crash between two transactions of a checkpoint loses what files count as garbage",
    file: "packages/server-lite/src/storage/disk/state-tables.ts",
    change: [
      [
        '  for (const [key, value] of layer.puts.from("")) yield { key: keyFromString(key), value };\n',
        "",
      ],
      [
        "for (const key of layer.gone) yield { key: keyFromString(key), value: undefined };",
        'for (const key of layer.gone) yield { key: keyFromString(key), value: undefined };\n  for (const [key, value] of layer.puts.from("")) yield { key: keyFromString(key), value };',
      ],
    ],
    test: "packages/server-lite/test/storage/checkpoint-slices.test.ts",
  },
  {
    id: "A1-close-under-read",
    fault: "files are closed under a read, and their descriptors used again",
    file: "packages/server-lite/src/storage/disk/disk-storage.ts",
    change: [["    await this.readsDone();\n", ""]],
    test: "packages/server-lite/test/storage/upkeep-reads.test.ts",
    name: "stays open until",
  },
  {
    id: "S5-recycled-under-pin",
    fault: "a log segment is recycled under a reader that pinned it",
    file: "packages/server-lite/src/storage/disk/log-files.ts",
    change: [["(segment) => segment.pins === 0", "() => true"]],
    test: "packages/server-lite/test/storage/upkeep-reads.test.ts",
    name: "not recycled",
  },
  {
    id: "S6-replaced-under-reader",
    fault: "a reader whose data file is replaced and cut down does not look again",
    file: "packages/server-lite/src/storage/disk/read.ts",
    change: [["    if (!extents.live.has(extent.fileId)) return undefined;\n", ""]],
    test: "packages/server-lite/test/storage/upkeep-reads.test.ts",
    name: "looks again",
  },
  {
    id: "B19-opens-unasked",
    fault: "a read opens sealed records that it was not asked for, and fails for them",
    file: "packages/server-lite/src/backend/reader.ts",
    change: [
      [
        "cutSealed(stored, this.position, budget, decrypt)",
        "cutBatch(decrypt(stored), this.position, budget)",
      ],
    ],
    test: "packages/server-lite/test/routes/encryption.test.ts",
    name: "opens only",
  },
  {
    id: "B19-resume-at-tail",
    fault: "an SSE read that is resumed at the tail gets 416 instead of its end",
    file: "packages/server-lite/src/routes/read.ts",
    change: [["resumed !== undefined && isAtTail(query, error)", "false"]],
    test: "packages/server-lite/test/routes/records.test.ts",
    name: "at the very tail",
  },
  {
    id: "B19-resume-beyond-tail",
    fault: "an SSE read that is resumed beyond the tail ends as if it were complete",
    file: "packages/server-lite/src/routes/read.ts",
    change: [["from.seqNum === error.tail.seqNum", "from.seqNum >= error.tail.seqNum"]],
    test: "packages/server-lite/test/routes/records.test.ts",
    name: "at the very tail",
  },
];
