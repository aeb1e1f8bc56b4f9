// Planted faults of the producer and its patterns: see ../mutants.mjs.

const producer = "packages/producer";
const patterns = `${producer}/src/patterns`;

const model = { test: `${producer}/test/patterns-model.test.ts`, name: "arrive once" };
const dropped = (name) => ({ test: `${producer}/test/patterns-dropped.test.ts`, name });
const batching = (name) => ({ test: `${producer}/test/producer.test.ts`, name });

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "P1-match-by-one",
    fault: "matchSeqNum advances by one for each batch",
    file: `${producer}/src/session-pump.ts`,
    change: [["this.#nextMatchSeqNum += batch.records.length", "this.#nextMatchSeqNum += 1"]],
    ...batching("counts matchSeqNum on"),
  },
  {
    id: "P2-admission-leak",
    fault: "the admission keeps one byte of each batch",
    file: `${producer}/src/producer.ts`,
    change: [["this.#admission.release(bytes);", "this.#admission.release(bytes && bytes - 1);"]],
    ...batching("gives every byte back"),
  },
  {
    id: "12.1-one-writer",
    fault: "records join the open message whoever wrote it",
    file: `${patterns}/message-headers.ts`,
    change: [["return writerId;", "return writerId.slice(0, 0);"]],
    ...dropped("are put together by writer"),
  },
  {
    id: "12.1-one-window",
    fault: "one window of numbers for all writers",
    file: `${patterns}/dedupe-filter.ts`,
    change: [["const key = writerKey(headers);", "const key = writerKey({});"]],
    ...model,
  },
  {
    id: "12.1-untold",
    fault: "an incomplete message is dropped without a word",
    file: `${patterns}/frame-assembler.ts`,
    change: [["this.#forget(frame);\n    this.#tell(reason, frame);", "this.#forget(frame);"]],
    ...dropped("say what stayed incomplete"),
  },
  {
    id: "12.1-open-frames",
    fault: "any number of messages may be incomplete at once",
    file: `${patterns}/frame-assembler.ts`,
    change: [["this.#open.size >= this.#maxOpenFrames", "this.#open.size < 0"]],
    ...dropped("bounded in number, with a coded answer"),
  },
  {
    id: "12.1-stalled",
    fault: "what a crashed writer left behind stays open for ever",
    file: `${patterns}/frame-assembler.ts`,
    change: [["this.#giveUpStalled(seqNum);", ""]],
    ...dropped("gives everything back"),
  },
  {
    id: "12.1-repeat-in-frame",
    fault: "a message takes the same record twice when repeats are left in",
    file: `${patterns}/open-frame.ts`,
    change: [["dedupeSeq <= this.#lastDedupeSeq", "dedupeSeq < 0"]],
    ...dropped("do not take the same record twice"),
  },
  {
    id: "12.2-commands",
    fault: "command records are taken for foreign ones",
    file: `${patterns}/message-reader.ts`,
    change: [["if (isCommandRecord({ headers })) return undefined;", ""]],
    ...dropped("go on over commands"),
  },
  {
    id: "12.2-foreign",
    fault: "a record without headers joins a message",
    file: `${patterns}/frame-assembler.ts`,
    change: [
      ["frame === undefined || frame.isMarked !== isMarked(headers)", "frame === undefined"],
    ],
    ...dropped("take no record without headers either"),
  },
  {
    id: "12.3-writer-restart",
    fault: "a writer of a fixed id starts at 0 again without being asked",
    file: `${patterns}/message-writer.ts`,
    change: [["options.dedupeSeq === undefined)", "options.dedupeSeq === null)"]],
    ...dropped("needs a number to go on with"),
  },
  {
    id: "12.3-checkpoint-start",
    fault: "a checkpoint lies behind the start of messages that are incomplete",
    file: `${patterns}/message-checkpoint.ts`,
    change: [["seqNum = Math.min(seqNum, startSeqNum);", "void startSeqNum;"]],
    ...model,
  },
  {
    id: "12.3-checkpoint-own",
    fault: "after a restart the records of an incomplete message look like repeats of themselves",
    file: `${patterns}/message-checkpoint.ts`,
    change: [["lastSeqs.set(key, firstDedupeSeq - 1);", "lastSeqs.has(key);"]],
    ...model,
  },
  {
    id: "12.3-checkpoint-again",
    fault: "a restarted reader gives messages again that it gave before",
    file: `${patterns}/message-reader.ts`,
    change: [["whole === undefined || seqNum < this.#deliveredSeqNum", "whole === undefined"]],
    ...dropped("goes back to what others had begun"),
  },
  {
    id: "12.3-checkpoint-late",
    fault: "a checkpoint that is asked for late skips messages",
    file: `${patterns}/message-reader.ts`,
    change: [["if (endSeqNum === this.#nextSeqNum)", "if (endSeqNum > 0)"]],
    ...dropped("takes no checkpoint that would skip"),
  },
  {
    id: "12.4-codec-buffer",
    fault: "records are views of the buffer of the codec",
    file: `${patterns}/message-framer.ts`,
    change: [
      [
        "new Uint8Array(payload.subarray(i * chunkSize, (i + 1) * chunkSize))",
        "payload.subarray(i * chunkSize, (i + 1) * chunkSize)",
      ],
    ],
    ...dropped("may reuse the buffer"),
  },
  {
    id: "12.4-codec-slice",
    fault: "records are views of the buffer of a codec that uses a Buffer",
    file: `${patterns}/message-framer.ts`,
    change: [
      [
        "new Uint8Array(payload.subarray(i * chunkSize, (i + 1) * chunkSize))",
        "payload.slice(i * chunkSize, (i + 1) * chunkSize)",
      ],
    ],
    ...dropped("may reuse the buffer"),
  },
  {
    id: "12.I-assembler-sum",
    fault: "incomplete messages hold any number of bytes together",
    file: `${patterns}/frame-assembler.ts`,
    change: [["this.#heldBytes + extraBytes > this.#maxOpenBytes", "extraBytes < 0"]],
    ...dropped("bounded in bytes over all writers"),
  },
  {
    id: "12.I-assembler-bytes",
    fault: "a declared size is believed whatever it is",
    file: `${patterns}/frame-assembler.ts`,
    change: [[" || bytes > this.#maxFrameBytes", ""]],
    test: `${producer}/test/patterns.test.ts`,
    name: "of a declared size",
  },
  {
    id: "B9-producer-acks",
    fault: "acknowledgements behind an unread stream of a producer grow without end",
    file: `${producer}/src/producer.ts`,
    change: [["if (this.#closing !== undefined || this.#acks.hasRoom) this", "this"]],
    ...batching("gives room for acknowledgements"),
  },
  {
    id: "B9-producer-close",
    fault: "a producer whose acknowledgements nobody reads never closes",
    file: `${producer}/src/producer.ts`,
    change: [["this.#closing !== undefined || this.#acks.hasRoom", "this.#acks.hasRoom"]],
    ...batching("closes without a reader"),
  },
  {
    id: "13.S-late-readable",
    fault: "acknowledgements that are first asked for after the end never end",
    file: `${producer}/src/ack-stream.ts`,
    change: [["if (this.#ending !== undefined) this.end(this.#ending.error);", ""]],
    ...batching("also for who asks for it afterwards"),
  },
];
