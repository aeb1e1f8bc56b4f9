// Planted faults of what nobody counts: functions that wait and keep bytes, buffers that come back too
// early or never, tiny pieces, a disk that fills up. See ../mutants.mjs.

const server = "packages/server-lite/src";
const tests = "packages/server-lite/test";
const waiting = `${tests}/lending/waiting.test.ts`;
const reader = `${tests}/lending/reader.test.ts`;
const givenAway = `${tests}/lending/given-away.test.ts`;
const fullDisk = `${tests}/storage/disk/full-disk.test.ts`;
const loads = `${tests}/storage/disk/extent-loads.test.ts`;

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "B9-session-keeps-written",
    fault: "a session that waits for its client keeps what it wrote",
    file: `${server}/session/read-session.ts`,
    change: [
      ["whenWritable().then(this.onRoom);", "whenWritable().then(() => encoded && this.onRoom());"],
    ],
    test: waiting,
    name: "keep nothing of what was written as S2S",
  },
  {
    id: "B9-resting-reader-keeps-item",
    fault: "a reader whose client takes no more keeps the last item",
    file: `${server}/backend/read/stream-reader.ts`,
    change: [["    this.delivered();\n    this.steps.room.rest();", "    this.steps.room.rest();"]],
    test: waiting,
    name: "keep nothing of what was written as SSE",
  },
  {
    id: "B9-step-kept-in-line",
    fault: "a reader that waits for room keeps the step that it had no room for",
    file: `${server}/backend/read/catch-up.ts`,
    change: [["return steps.room.enterFully();", "return await steps.room.enterFully();"]],
    test: waiting,
    name: "keep nothing of a step",
  },
  {
    id: "B9-upload-keeps-chunk",
    fault: "an upload within the process keeps each chunk until the next one came",
    file: `${server}/http/web-handler.ts`,
    change: [
      [
        "this.body.chunk(next.value);\n    return true;",
        "this.body.chunk(next.value);\n    return await this.pumpChunk(input);",
      ],
    ],
    test: waiting,
    name: "keep no chunk",
  },
  {
    id: "B9-fetch-keeps-chunk",
    fault: "a session by fetch keeps each chunk until the next one came",
    file: "packages/client/src/transport/fetch.ts",
    change: [
      [
        "this.#handlers.onData(chunk.value);",
        "this.#handlers.onData(chunk.value);\n    await this.#downloadChunk();",
      ],
    ],
    test: "packages/client/test/session/waiting.test.ts",
    name: "by fetch",
  },
  {
    id: "B9-frame-reader-keeps-chunk",
    fault: "a reader of frames keeps the last chunk",
    file: "packages/client/src/session/frame-reader.ts",
    change: [["          this.#chunk = NO_BYTES;\n", ""]],
    test: "packages/client/test/session/waiting.test.ts",
    name: "a reader of frames",
  },
  {
    id: "B9-messages-keep-batch",
    fault: "a reader of messages keeps the last batch while it waits for the next",
    file: "packages/producer/src/patterns/message-reader.ts",
    change: [
      [
        "        this.#records = undefined;\n        return undefined;",
        "        return undefined;",
      ],
    ],
    test: "packages/producer/test/waiting.test.ts",
  },
  {
    id: "20.1-item-out-returned",
    fault: "whoever stops a reader returns the item that is being looked at",
    file: `${server}/backend/read/stream-reader.ts`,
    change: [["if (!this.isHandedOut) this.letGo();", "this.letGo();"]],
    test: reader,
    name: "until its owner closes",
  },
  {
    id: "20.1-room-left-with-item",
    fault: "a room that is left returns the buffers of an item that is out",
    file: `${server}/backend/read/read-room.ts`,
    change: [["this.delivered(!isItemOut);", "this.delivered(true);"]],
    test: reader,
    name: "until its owner closes",
  },
  {
    id: "20.1-item-never-returned",
    fault: "an item that was taken is not given back",
    file: `${server}/backend/read/stream-reader.ts`,
    change: [["    this.isHandedOut = false;\n    this.letGo();", "    this.isHandedOut = false;"]],
    test: reader,
    name: "keeps no item",
  },
  {
    id: "20.1-ahead-never-returned",
    fault: "what was read ahead and is not wanted stays lent",
    file: `${server}/backend/read/stored-steps.ts`,
    change: [["    this.prefetched?.stored.then(giveBackRuns, () => undefined);\n", ""]],
    test: reader,
    name: "when the reader stops",
  },
  {
    id: "20.1-ahead-forgotten",
    fault: "a reader that stops does not think of what it reads ahead",
    file: `${server}/backend/read/stored-steps.ts`,
    change: [["    this.ahead = [];\n    this.dropPrefetched();", "    this.ahead = [];"]],
    test: reader,
    name: "when the reader stops",
  },
  {
    id: "20.1-ahead-of-trimmed",
    fault: "what was read ahead of a place that was trimmed stays lent",
    file: `${server}/backend/read/stored-steps.ts`,
    change: [["    if (!isWanted) this.dropPrefetched();\n", ""]],
    test: reader,
    name: "that was trimmed",
  },
  {
    id: "20.1-late-step-kept",
    fault: "what storage answers to a reader that closed stays lent",
    file: `${server}/backend/read/catch-up.ts`,
    change: [["if (this.isOver) return giveBackRuns(step);", "if (this.isOver) return;"]],
    test: reader,
    name: "while it waits for storage",
  },
  {
    id: "20.1-web-not-given-away",
    fault: "a caller within the process sees other bytes in what it kept",
    file: `${server}/http/web-handler.ts`,
    change: [["      giveAway(part.buffer);\n", ""]],
    test: givenAway,
    name: "within the process",
  },
  {
    id: "20.1-uncounted-not-given-away",
    fault: "what is written without an account returns before it has left",
    file: `${server}/http/node-exchange.ts`,
    change: [
      [
        "if (this.output === undefined) giveAway(part.buffer);\n    else ",
        "if (this.output !== undefined) ",
      ],
    ],
    test: givenAway,
    name: "without an account",
  },
  {
    id: "20.1-last-not-given-away",
    fault: "the last bytes of an answer return before they have left",
    file: `${server}/http/node-exchange.ts`,
    change: [["    if (last !== undefined) giveAway(last.buffer);\n", ""]],
    test: givenAway,
    name: "the last bytes",
  },
  {
    id: "20.1-upgrade-not-given-away",
    fault: "a plain answer to an upgrade returns before it has left",
    file: `${server}/http/websocket/websocket-exchange.ts`,
    change: [["        giveAway(part.buffer);\n", ""]],
    test: givenAway,
    name: "to an upgrade",
  },
  {
    id: "20.1-loads-unbounded",
    fault: "a crowd of readers takes the memory of all its extents at once",
    file: `${server}/storage/reading/extent-loads.ts`,
    change: [["if (this.reads < this.options.maxLoads)", "if (this.reads < 1000)"]],
    test: loads,
  },
  {
    id: "20.1-line-forgotten",
    fault: "a read that ends does not pass its turn on",
    file: `${server}/storage/reading/extent-loads.ts`,
    change: [
      [
        "      const next = this.line.shift();\n",
        "      const next = undefined as (() => void) | undefined;\n",
      ],
    ],
    test: loads,
  },
  {
    id: "B9-held-pieces",
    fault: "a held body costs an object for each of its bytes",
    file: `${server}/http/node-exchange.ts`,
    change: [["    this.heldChunks ??= new HeldChunks(this.source);\n", ""]],
    test: `${tests}/hostile/tiny-frames.test.ts`,
    name: "HTTP/2 window",
  },
  {
    id: "B9-held-pieces-lost",
    fault: "what came while a body was held is not handed on",
    file: `${server}/http/held-chunks.ts`,
    change: [
      ["    this.source.push = this.hand;\n    this.flush();", "    this.source.push = this.hand;"],
    ],
    test: `${tests}/http/held-chunks.test.ts`,
  },
  {
    id: "B9-inbox-pieces",
    fault: "chunks that wait for their session are kept one by one",
    file: `${server}/exchange/body-chunks.ts`,
    change: [["if (bytes.length >= SMALL_CHUNK_BYTES) {", "if (bytes.length > 0) {"]],
    test: `${tests}/session/frame-inbox.test.ts`,
  },
  {
    id: "A3-reserve-behind-ready",
    fault: "a burst of appends fills the segment behind the last one that fits on the disk",
    file: `${server}/storage/disk/engine/commit-room.ts`,
    change: [["files.hasNext(builder.generation)", "files.hasNext(0)"]],
    test: fullDisk,
    name: "a burst of appends leaves room",
  },
  {
    id: "A3-scarcity-unseen",
    fault: "the disk counts as full only when a segment did not fit",
    file: `${server}/storage/disk/log/log-files.ts`,
    change: [["freeBytes < 2 * segmentBytes ? full : undefined", "undefined"]],
    test: fullDisk,
    name: "a burst of appends leaves room",
  },
  {
    id: "A3-filled-to-find-it-full",
    fault: "the log fills the disk again and again to find it full",
    file: `${server}/storage/disk/log/log-files.ts`,
    change: [["    if (freeBytes < segmentBytes) throw full;\n", ""]],
    test: fullDisk,
    name: "is not begun",
  },
  {
    id: "A6-switch-without-bound",
    fault: "a rewrite lists the streams that went meanwhile, in a commit that may not fit the log",
    file: `${server}/storage/disk/upkeep/commit-switch.ts`,
    change: [
      [
        "{ ...change, trimmed: [] }",
        "{ ...change, trimmed: Array.from({ length: 5000 }, (_, at) => 9e15 + at) }",
      ],
    ],
    test: fullDisk,
    name: "any number of streams",
  },
];
