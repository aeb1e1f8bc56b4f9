// Planted faults in generations that are resumed. See ../mutants.mjs.

const source = "packages/resumable/src/generation";
const context = "packages/resumable/test/context.test.ts";
const deaths = "packages/resumable/test/deaths.test.ts";
const aisdk = "packages/resumable/test/aisdk.test.ts";
const host = "packages/resumable/test/host.test.ts";
const anthropic = "packages/resumable/test/anthropic.test.ts";
const assistant = "packages/resumable/test/assistant-ui.test.ts";
const leaving = "packages/resumable/test/leaving.test.ts";
const parts = "packages/resumable/test/parts.test.ts";
const tanstack = "packages/resumable/test/tanstack-ai.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "21.1-dead-for-ever",
    fault: "nobody ends the generation of a producer that died",
    file: `${source}/follow.ts`,
    change: [["() => void this.#ask()", "() => undefined"]],
    test: deaths,
    name: "is noticed by who reads",
  },
  {
    id: "21.1-outage-is-silence",
    fault: "a reader that was cut off ends the generation of a producer that lives",
    file: `${source}/follow.ts`,
    change: [["if (await isSilent(this.#stream, next, leaseMs, clock, signal))", "if (next >= 0)"]],
    test: deaths,
    name: "away for longer than the lease",
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
    file: `${source}/ends.ts`,
    change: [["fencingToken, matchSeqNum: seqNum });", "fencingToken });"]],
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
    change: [["left -= Math.min(left, text.length);", ""]],
    test: host,
    name: "resumes from where he is",
  },
  {
    id: "21.1-over-is-running",
    fault: "a generation that is over is resumed",
    file: `${source}/state.ts`,
    change: [
      [
        'return kind === "session" ? { kind: "running", tail }',
        'return kind !== "other" ? { kind: "running", tail }',
      ],
    ],
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
    change: [
      ["errorChunk(components.errorTextOf?.(error) ?? ERROR_TEXT)", "errorChunk(String(error))"],
    ],
    test: aisdk,
    name: "and not why",
  },
  {
    id: "21.1-parts-of-a-character",
    fault: "what no record can hold is cut within a character",
    file: `${source}/parts.ts`,
    change: [
      [
        "const end = borderAt(chunk, at + PART_BYTES);",
        "const end = Math.min(at + PART_BYTES - 1, chunk.length);",
      ],
    ],
    test: parts,
    name: "are text each",
  },
  {
    id: "21.1-parts-of-the-dead",
    fault: "parts that a dead producer left become the beginning of the next chunk",
    file: `${source}/parts.ts`,
    change: [["if (fenceOf(record) !== undefined) this.#clear();", ""]],
    test: parts,
    name: "are forgotten",
  },
  {
    id: "21.1-ends-what-is-anothers",
    fault: "a second producer of a run takes it from the first",
    file: "packages/resumable/src/tanstack-ai/durability.ts",
    change: [["(begin ?? (takeOver ?", "(begin ?? (takeOver !== undefined ?"]],
    test: tanstack,
    name: "a second one changes nothing",
  },
  {
    id: "21.1-offset-of-another-run",
    fault: "a request that names one run reads another",
    file: "packages/resumable/src/tanstack-ai/offsets.ts",
    change: [
      [
        "ofOffset !== undefined && ofOffset !== runId",
        "ofOffset === undefined && ofOffset !== undefined",
      ],
    ],
    test: tanstack,
    name: "of two runs",
  },
  {
    id: "21.1-stopped-run-goes-on",
    fault: "a run that was stopped goes on while its model is silent",
    file: "packages/resumable/src/tanstack-ai/durability.ts",
    change: [["() => this.abortController.abort(STOPPED)", "() => undefined"]],
    test: tanstack,
    name: "its model with it",
  },
  {
    id: "21.1-said-twice",
    fault: "a run that has failed by its own words is said to have failed again",
    file: "packages/resumable/src/tanstack-ai/durability.ts",
    change: [
      [
        'error instanceof GenerationFailedError && last === "RUN_ERROR"',
        "error instanceof GenerationFailedError && last === undefined",
      ],
    ],
    test: tanstack,
    name: "producer has died",
  },
  {
    id: "21.1-silent-leases",
    fault: "a producer that a host holds does not say that it lives",
    file: `${source}/held.ts`,
    change: [
      [
        "this.#timer = clock.setTimer(beat, beatMs,",
        "this.#timer = clock.setTimer(() => undefined, beatMs,",
      ],
    ],
    test: assistant,
    name: "that is silent",
  },
  {
    id: "21.1-deleted-is-read",
    fault: "what was deleted is read before what began anew",
    file: "packages/resumable/src/assistant-ui/store.ts",
    change: [
      [
        "generations.claim(stream, state.tail, true)",
        "generations.claim(stream, state.tail, false)",
      ],
    ],
    test: assistant,
    name: "begins it anew",
  },
  {
    id: "21.1-superseded-writes",
    fault: "a lease that is none any more is told that all is finalized",
    file: "packages/resumable/src/assistant-ui/store.ts",
    change: [['if (state.kind !== "over" || isMissing(state)) return missing(streamId);', ""]],
    test: assistant,
    name: "begins it anew",
  },
  {
    id: "21.1-place-forgotten",
    fault: "a page that reconnects begins anew",
    file: "packages/resumable/src/pages/subscribe-events.ts",
    change: [["from = place ?? from;", "from = from ?? place;"]],
    test: anthropic,
    name: "through cuts",
  },
  {
    id: "21.1-late-finds-nothing",
    fault: "a turn that is over is not found by its place",
    file: `${source}/rest.ts`,
    change: [
      [
        'return isCommand(record) ? undefined : "some";',
        'return isCommand(record) ? undefined : "none";',
      ],
    ],
    test: anthropic,
    name: "by who comes late",
  },
  {
    id: "21.1-holes",
    fault: "a page goes on behind what has been removed, and does not know",
    file: `${source}/rest.ts`,
    change: [["first === undefined || first.seqNum > next", "first === undefined"]],
    test: anthropic,
    name: "refused with what is wrong",
  },
  {
    id: "21.1-silent-model-goes-on",
    fault: "a generator around a model hears of a stop with its next word",
    file: "packages/resumable/src/anthropic/chat.ts",
    change: [["givingUp.abort(reason);", ""]],
    test: anthropic,
    name: "ends by its signal",
  },
  {
    id: "21.1-connection-kept",
    fault: "a page that leaves a turn keeps its connection",
    file: "packages/resumable/src/pages/events-of.ts",
    change: [["reader.cancel().catch(() => undefined);", ""]],
    test: anthropic,
    name: "gives its connection back",
  },
  {
    id: "21.3-session-stays",
    fault: "a page that leaves while a model is silent leaves its session behind",
    file: "packages/resumable/src/events/events-response.ts",
    change: [["        leaving.abort();\n", ""]],
    test: leaving,
    name: "leaves no session behind",
  },
  {
    id: "21.3-text-stays",
    fault: "a reader of a text that leaves while a model is silent leaves its session behind",
    file: "packages/resumable/src/context/skipping.ts",
    change: [["        leaving.abort();\n", ""]],
    test: leaving,
    name: "leaves no session behind",
  },
  {
    id: "21.3-callback-throws",
    fault: "a turn whose error text cannot be made never ends",
    file: `${source}/generations.ts`,
    change: [["ofFailure: guarded(ofFailure)", "ofFailure"]],
    test: leaving,
    name: "has its turns ended all the same",
  },
  {
    id: "21.3-over-is-lost",
    fault: "the end of a text that is over is not found by its place",
    file: "packages/resumable/src/context/context.ts",
    change: [
      [
        'if (rest === "none")',
        'if (rest === "none" || (await this.hasExistingStream(streamId)) === "DONE")',
      ],
    ],
    test: "packages/resumable/test/text-client.test.ts",
    name: "is whole through cuts",
  },
  {
    id: "21.3-left-out",
    fault: "an event that is none is asked for again and again",
    file: "packages/resumable/src/pages/subscribe-events.ts",
    change: [
      [
        "  } catch {\n    throw new SubscribeError(200);",
        '  } catch {\n    throw new Error("none");',
      ],
    ],
    test: "packages/resumable/test/text-client.test.ts",
    name: "ends with what another try",
  },
  {
    id: "21.3-reads-unseen",
    fault: "a component that is not shown reads on",
    file: "packages/resumable/src/pages/use-said.ts",
    change: [["return () => leaving.abort();", "return undefined;"]],
    test: "packages/resumable/test/react.test.ts",
    name: "one text at a time",
    build: ["packages/resumable"],
  },
  {
    id: "21.3-text-of-another",
    fault: "a component shows the text of what it showed before",
    file: "packages/resumable/src/pages/use-said.ts",
    change: [["said.key === key ? said : beginningOf(key)", "said"]],
    test: "packages/resumable/test/react.test.ts",
    name: "one text at a time",
    build: ["packages/resumable"],
  },
];
