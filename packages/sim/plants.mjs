// Faults to plant in histories that the few of the gate do not find, so that no test is named for them:
// `pnpm sim --seeds 1000 --plant ID`. Those that they do find are kept in scripts/mutants/sim.mjs. How many
// seeds each takes is in docs/proof.md.

const server = "packages/server-lite/src";

export const plants = [
  {
    id: "14.4-ack-before-write",
    fault: "commits are confirmed when their write begins",
    file: `${server}/storage/disk/log/group-confirmation.ts`,
    change: [
      [
        "  begun(_group: SealedGroup): void {}\n\n  written(group: SealedGroup)",
        "  written(_group: SealedGroup): void {}\n\n  begun(group: SealedGroup)",
      ],
    ],
  },
  {
    id: "14.4-times-go-back",
    fault: "a wall clock that jumps back takes the timestamps of records along",
    file: `${server}/backend/append/sequencer.ts`,
    change: [
      ["timestamps.fill(Math.max(now, previous), 0, count)", "timestamps.fill(now, 0, count)"],
    ],
  },
  {
    id: "14.4-fence-forgotten",
    fault: "a stream that comes back to memory has no fencing token",
    file: `${server}/backend/append/streamer.ts`,
    change: [["    this.fencingToken = state.fencingToken;\n", '    this.fencingToken = "";\n']],
  },
  {
    id: "14.4-tail-before-durable",
    fault: "a check of the tail tells what is not durable",
    file: `${server}/backend/records.ts`,
    change: [["request.streamConfig).stableTail;", "request.streamConfig).tail;"]],
  },
  {
    id: "14.4-half-the-age",
    fault: "retention takes what is half as old as its policy allows",
    file: `${server}/backend/background/retention.ts`,
    change: [["nowMs - ageSecs * 1000, nowMs", "nowMs - ageSecs * 500, nowMs"]],
  },
  {
    id: "14.4-nothing-ages",
    fault: "retention takes nothing",
    file: `${server}/backend/background/retention.ts`,
    change: [["trimPoint <= state.trimPoint) return;", "trimPoint >= 0) return;"]],
  },
  {
    id: "14.4-filled-is-empty",
    fault: "a stream that was filled again counts as empty since its last record",
    file: `${server}/backend/background/delete-on-empty.ts`,
    change: [["  if (state.trimPoint < state.tail.seqNum) return undefined;\n", ""]],
  },
  {
    id: "14.4-empty-stays",
    fault: "a stream that a trim command emptied stays",
    file: `${server}/backend/background/delete-on-empty.ts`,
    change: [["mark.sinceMs : state.lastWriteMs;", "mark.sinceMs : undefined;"]],
  },
  {
    id: "14.4-any-key-opens",
    fault: "a record opens under any key",
    file: `${server}/backend/encryption/cipher.ts`,
    change: [["createSecretKey(key)", "createSecretKey(new Uint8Array(key.length))"]],
  },
  {
    id: "14.4-limited-takes-effect",
    fault: "an append that is refused for its rate takes effect",
    file: `${server}/backend/append/append-intake.ts`,
    change: [
      [
        'if (!pace.isPatient) throw rateLimited("append rate exceeds the limit", delayMs);',
        'if (!pace.isPatient) {\n        void this.occupy(target, batch, { acked() {}, failed() {} }, whenGone);\n        throw rateLimited("append rate exceeds the limit", delayMs);\n      }',
      ],
    ],
  },
];
