// Planted faults in generations that are resumed. See ../mutants.mjs.

const source = "packages/resumable/src/generation";
const context = "packages/resumable/test/context.test.ts";
const deaths = "packages/resumable/test/deaths.test.ts";
const aisdk = "packages/resumable/test/aisdk.test.ts";
const host = "packages/resumable/test/host.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "21.1-dead-for-ever",
    fault: "nobody ends the generation of a producer that died",
    file: `${source}/follow.ts`,
    change: [["() => void this.#takeOver()", "() => undefined"]],
    test: deaths,
    name: "is noticed by who reads",
  },
  {
    id: "21.1-silence-is-death",
    fault: "a model that thinks is taken for dead",
    file: `${source}/produce.ts`,
    change: [["await this.#writer.beat();", "await Promise.resolve();"]],
    test: context,
    name: "silent for longer than the lease",
  },
  {
    id: "21.1-takes-over-what-lives",
    fault: "a reader that is behind ends a generation that goes on",
    file: `${source}/state.ts`,
    change: [["{ fencingToken, matchSeqNum: seqNum });", "{ fencingToken });"]],
    test: context,
    name: "who is behind",
  },
  {
    id: "21.1-lost-ack-is-loss",
    fault: "an append whose acknowledgement was lost ends the generation",
    file: `${source}/writer.ts`,
    change: [["error.expectedSeqNum === end", "error.expectedSeqNum < end"]],
    test: deaths,
    name: "acknowledgements that are lost",
  },
  {
    id: "21.1-asked-before-the-claim",
    fault: "the model of everybody who races is asked",
    file: "packages/resumable/src/context/context.ts",
    change: [
      [
        '    const { kind } = await stateOf(stream);\n    if (kind === "over") return null;\n',
        '    const { kind } = await stateOf(stream);\n    if (kind === "over") return null;\n    const source = makeStream();\n    makeStream = () => source;\n',
      ],
    ],
    test: context,
    name: "one of many who race",
  },
  {
    id: "21.1-stop-is-not-heard",
    fault: "a stop ends the readers, and the model goes on",
    file: `${source}/produce.ts`,
    change: [["    this.#reader.cancel(reason).catch(() => undefined);\n", ""]],
    test: context,
    name: "is cancelled by a stop",
  },
  {
    id: "21.1-words-of-the-model",
    fault: "what went wrong with the model is told to who reads",
    file: `${source}/produce.ts`,
    change: [
      [
        '      this.#sourceEnd = "error";',
        '      this.#add([String(error)]);\n      this.#sourceEnd = "error";',
      ],
    ],
    test: context,
    name: "its words stay",
  },
  {
    id: "21.1-half-a-character",
    fault: "a character that two chunks share becomes two others",
    file: `${source}/pieces.ts`,
    change: [["const isCut = isHighSurrogate(text, text.length - 1);", "const isCut = false;"]],
    test: context,
    name: "last half of a character",
  },
  {
    id: "21.1-cut-in-a-character",
    fault: "a long chunk is cut within a character",
    file: `${source}/pieces.ts`,
    change: [["if (end < text.length && isHighSurrogate(text, end - 1)) end--;", ""]],
    test: context,
    name: "last half of a character",
  },
  {
    id: "21.1-skips-each-chunk",
    fault: "what is skipped is skipped in every chunk",
    file: "packages/resumable/src/context/skipping.ts",
    change: [["left -= Math.min(left, value.length);", ""]],
    test: host,
    name: "resumes from where he is",
  },
  {
    id: "21.1-over-is-running",
    fault: "a generation that is over is resumed",
    file: `${source}/state.ts`,
    change: [['kind: isOver ? "over" : "running"', 'kind: isOver ? "running" : "running"']],
    test: host,
    name: "says that it is over",
  },
  {
    id: "21.1-turns-of-yesterday",
    fault: "a page that resumes is shown all turns of its chat",
    file: `${source}/marks.ts`,
    change: [["place === undefined ? 0 :", "place !== undefined ? 0 :"]],
    test: aisdk,
    name: "turn after turn",
  },
  {
    id: "21.1-dead-turns-block",
    fault: "a turn whose producer died keeps its chat for ever",
    file: `${source}/generations.ts`,
    change: [
      ['if (state.kind === "running" && (await this', 'if (state.kind === "none" && (await this'],
    ],
    test: aisdk,
    name: "takes a turn over",
  },
  {
    id: "21.1-end-without-a-word",
    fault: "a page is not told that the producer of its turn died",
    file: "packages/resumable/src/aisdk/events.ts",
    change: [["if (!last.startsWith(", "if (last.startsWith("]],
    test: aisdk,
    name: "that a producer died",
  },
  {
    id: "21.1-told-why",
    fault: "a page is told what the model said went wrong",
    file: "packages/resumable/src/aisdk/chat.ts",
    change: [["?? ERROR_TEXT;", "?? String(error);"]],
    test: aisdk,
    name: "and not why",
  },
];
