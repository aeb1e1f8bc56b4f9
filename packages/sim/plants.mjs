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
    file: `${server}/backend/backend.ts`,
    change: [["request.streamConfig).stableTail;", "request.streamConfig).tail;"]],
  },
];
