// Planted faults that simulated histories found, or are there to find: see ../mutants.mjs.

const gate = (name) => ({ test: "packages/sim/test/gate.test.ts", name });
const checker = (name) => ({ test: "packages/sim/test/linearizable.test.ts", name });

const server = "packages/server-lite/src";
/** Found by the histories that run on every change. */
const histories = gate("50 small ones");

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "14.2-half-dead-connection",
    fault: "each retry of a session goes to the same HTTP/2 connection that answers nothing",
    file: "packages/client/src/node/http2-connection.ts",
    change: [["UNANSWERED_MILLIS)) this.retire();", "UNANSWERED_MILLIS)) return;"]],
    test: "packages/client/test/node/http2-exchange.test.ts",
    name: "given up without an answer",
  },
  {
    id: "14.2-retry-outlives-engine",
    fault: "a retry of upkeep that failed outlives its engine",
    file: "packages/server-lite/src/storage/disk/upkeep/maintenance.ts",
    change: [
      [
        "      this.kickIn(RETRY_MS);\n",
        "      if (!this.isClosed) this.components.clock.setTimer(() => this.kick(), RETRY_MS);\n",
      ],
    ],
    ...gate("seeds of the past"),
  },
  {
    id: "14.2-checkpoint-before-its-group",
    fault:
      "a checkpoint does not wait for a group without commits: unwritten, it damages the directory",
    file: "packages/server-lite/src/storage/disk/upkeep/checkpoints.ts",
    change: [["await writer.wrote(checkpoint.replay.sequence - 1)", "await Promise.resolve(true)"]],
    test: "packages/server-lite/test/storage/disk/start-group.test.ts",
  },
  {
    id: "14.4-start-group-by-history",
    fault: "a checkpoint does not wait for the group of a start, and no history shows it",
    file: "packages/server-lite/src/storage/disk/upkeep/checkpoints.ts",
    change: [["await writer.wrote(checkpoint.replay.sequence - 1)", "await Promise.resolve(true)"]],
    ...gate("seeds of the past"),
  },
  {
    id: "14.2-system-date",
    fault: "answers carry the date of the system: the same seed gives other bytes a second later",
    file: "packages/server-lite/src/http/http-date.ts",
    change: [["new Date(now * 1000).toUTCString()", "new Date(0 * now).toUTCString()"]],
    test: "packages/server-lite/test/http/http-date.test.ts",
  },
  {
    id: "14.3-tail-moves-back",
    fault: "the checker lets a tail move back",
    file: "packages/sim/src/oracle/linear-operation.ts",
    change: [
      ["(tail === undefined || tail === state.tail) &&", "(tail === undefined || tail >= 0) &&"],
      ["return place < state.tail || !fits(state, operation);", "return !fits(state, operation);"],
    ],
    ...checker("a tail moves back"),
  },
  {
    id: "14.3-late-questions",
    fault: "the checker gives an operation a moment before it was asked",
    file: "packages/sim/src/oracle/linearizable.ts",
    change: [
      [
        "if (operation.asked > bound) break;\n      if (this.#isDone[index] === 1 || isOptional",
        "if (this.#isDone[index] === 1 || isOptional",
      ],
    ],
    ...checker("saw less than an earlier one"),
  },
  {
    id: "14.3-conditions-unchecked",
    fault: "the checker ignores the conditions of appends",
    file: "packages/sim/src/oracle/linear-operation.ts",
    change: [
      [
        "(match === undefined || match === state.tail) &&",
        "(match === undefined || match >= 0) &&",
      ],
    ],
    ...checker("a condition did not hold"),
  },
  {
    id: "14.3-digest-unchecked",
    fault: "the checker believes reads whatever they saw",
    file: "packages/sim/src/oracle/linear-operation.ts",
    change: [
      [
        "(digest === undefined || digest === state.digest)",
        "(digest === undefined || digest >= 0n)",
      ],
    ],
    ...checker("a read saw other records"),
  },
  {
    id: "14.7-given-up-is-kept",
    fault: "a search that is given up counts as linearizable",
    file: "packages/sim/src/oracle/linearizable.ts",
    change: [
      ['return { kind: "undecided", steps: this.#mostSteps };', 'return { kind: "linearizable" };'],
    ],
    ...checker("that is given up says so"),
  },
  {
    id: "14.7-every-order-is-tried",
    fault: "the search tries all orders of appends that nothing tells apart",
    file: "packages/sim/src/oracle/linearizable.ts",
    change: [
      ["if ((tried.has(kind) && !isTold) || !isAllowed", "if (!isAllowed"],
      ["if (this.#left.has(key)) return", "if (key === undefined) return"],
    ],
    ...checker("nothing tells apart"),
  },
  {
    id: "14.7-beyond-what-can-come",
    fault: "the search goes on where an operation can no longer come",
    file: "packages/sim/src/oracle/linear-operation.ts",
    change: [
      [
        "if (place === undefined || place > state.tail) return false;",
        "if (place !== -1) return false;",
      ],
    ],
    ...checker("can no longer come"),
  },
  {
    id: "14.7-belief-is-proof",
    fault: "an append of unknown fate is tried only where it is believed to be",
    file: "packages/sim/src/oracle/linearizable.ts",
    change: [
      ["return [...believed, ...others];", "return believed.length > 0 ? believed : others;"],
    ],
    ...checker("no more than that"),
  },
  {
    id: "14.4-any-generation",
    fault: "any group with a header is the next one of the log",
    file: `${server}/storage/log/group-proof.ts`,
    change: [
      [
        "    if (header.generation !== cursor",
        "    if (1) return undefined;\n    if (header.generation !== cursor",
      ],
    ],
    ...histories,
  },
  {
    id: "14.4-no-sync",
    fault: "the log is not synced",
    file: `${server}/storage/disk/log/log-segment.ts`,
    change: [["disk.open(path, { durable: true })", "disk.open(path, {})"]],
    ...histories,
  },
  {
    id: "14.4-no-directory-sync",
    fault: "directories are not synced",
    file: `${server}/storage/disk/medium/leased-disk.ts`,
    change: [
      [
        "syncDirectory: (path) => disk.syncDirectory(path)",
        "syncDirectory: () => Promise.resolve()",
      ],
    ],
    ...histories,
  },
  {
    id: "14.4-match-at-most",
    fault: "an append whose match_seq_num has been passed is accepted",
    file: `${server}/backend/append/sequencer.ts`,
    change: [["batch.matchSeqNum !== firstSeqNum)", "batch.matchSeqNum > firstSeqNum)"]],
    ...histories,
  },
  {
    id: "14.4-token-of-unfenced",
    fault: "a stream without a fencing token accepts any",
    file: `${server}/backend/append/sequencer.ts`,
    change: [
      [
        "batch.fencingToken !== state.fencingToken)",
        'state.fencingToken !== "" && batch.fencingToken !== state.fencingToken)',
      ],
    ],
    ...histories,
  },
  {
    id: "14.4-seq-num-reused",
    fault: "the last sequence number is given again after a restart",
    file: `${server}/backend/append/streamer.ts`,
    change: [
      [
        "    this.tail = state.tail;\n",
        "    this.tail = { ...state.tail, seqNum: Math.max(0, state.tail.seqNum - 1) };\n",
      ],
    ],
    ...histories,
  },
  {
    id: "14.4-resume-behind",
    fault: "a read session that reconnects leaves out a record",
    file: "packages/client/src/session/read/read-progress.ts",
    change: [["this.#nextSeqNum = last.seqNum + 1;", "this.#nextSeqNum = last.seqNum + 2;"]],
    ...histories,
  },
  {
    id: "14.4-resume-before",
    fault: "a read session that reconnects gives a record again",
    file: "packages/client/src/session/read/read-progress.ts",
    change: [["this.#nextSeqNum = last.seqNum + 1;", "this.#nextSeqNum = last.seqNum;"]],
    ...histories,
  },
  {
    id: "14.4-ack-of-another",
    fault: "a session gives an acknowledgement to the newest of its batches",
    file: "packages/client/src/session/append/unacked-batches.ts",
    change: [
      [
        "const batch = this.#sent.shift() as UnackedBatch;\n    this.#lastAck",
        "const batch = [...this.#sent].at(-1) as UnackedBatch;\n    this.#sent.shift();\n    this.#lastAck",
      ],
    ],
    ...histories,
  },
  {
    id: "14.4-ticket-of-neighbour",
    fault: "a producer's ticket tells the place of the next record",
    file: "packages/producer/src/producer.ts",
    change: [
      [
        "new RecordSubmitTicket(this.#outcome, this.#batcher.length)",
        "new RecordSubmitTicket(this.#outcome, this.#batcher.length + 1)",
      ],
    ],
    ...histories,
  },
  {
    id: "14.4-batch-split",
    fault: "a session's frame of several records is stored without its last one when it is large",
    file: `${server}/backend/append/streamer.ts`,
    change: [
      [
        "    const writtenMs = this.components.now();\n    this.lastUsedMs",
        "    if (batch.count > 3) batch.count--;\n    const writtenMs = this.components.now();\n    this.lastUsedMs",
      ],
    ],
    ...histories,
  },
];
