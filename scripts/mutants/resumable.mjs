// Planted faults in generations that are resumed. See ../mutants.mjs.

const source = "packages/resumable/src/generation";
const context = "packages/resumable/test/context.test.ts";
const deaths = "packages/resumable/test/deaths.test.ts";
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
    file: `${source}/follow.ts`,
    change: [["{ fencingToken, matchSeqNum });", "{ fencingToken });"]],
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
        'const writer = state === "none" ? await this.#claim(stream) : undefined;',
        'const source = makeStream();\n    makeStream = () => source;\n    const writer = state === "none" ? await this.#claim(stream) : undefined;',
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
    file: `${source}/follow.ts`,
    change: [["left -= Math.min(left, value.length);", ""]],
    test: host,
    name: "resumes from where he is",
  },
  {
    id: "21.1-over-is-running",
    fault: "a generation that is over is resumed",
    file: `${source}/state.ts`,
    change: [
      [
        'kindOf(token) === "session" ? "running" : "over"',
        'kindOf(token) === "session" ? "running" : "running"',
      ],
    ],
    test: host,
    name: "says that it is over",
  },
];
