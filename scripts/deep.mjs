// What the gate has no time for, in an hour or so: `pnpm test:deep`. Seeded work of the gate runs with
// other numbers: `S2KIT_DEPTH` multiplies it, here by 8 (more: `S2KIT_DEPTH=80 pnpm test:deep`). Stops
// at the first that fails; its output names the seed and the command that brings it back.

import { runGate } from "./stages.mjs";

process.env.S2KIT_DEPTH ??= "8";

/** Files of one package whose number of seeds, kills, flips or inputs is a share in the gate. */
const suite = (where, ...files) => ["pnpm", "--dir", where, "exec", "vitest", "run", ...files];

await runGate([
  {
    title: "server-lite: crashes, kills, flips, upgrades, claims, nodes, upkeep, accounts",
    command: suite(
      "packages/server-lite",
      "test/storage/crash",
      "test/storage/disk/bit-flips.test.ts",
      "test/storage/upgrade",
      "test/storage/object/claim",
      "test/storage/object/engine/crash.test.ts",
      "test/storage/object/engine/upkeep-histories.test.ts",
      "test/storage/object/stewardship/steward-histories.test.ts",
      "test/backend/upkeep-history.test.ts",
      "test/backend/account",
    ),
    advice: "its message names the seed",
    counts: true,
  },
  {
    title: "security: mutated inputs of every entry",
    command: suite("tests/security", "test/fuzz"),
    advice: "its message names the input",
    counts: true,
  },
  {
    title: "simulation",
    command: ["pnpm", "sim", "--seeds", "2000"],
    advice: "the command above brings the history back",
  },
  {
    title: "simulation of several shards",
    command: ["pnpm", "sim", "--seeds", "200", "--engine", "shards"],
    advice: "the command above brings the history back",
  },
  {
    title: "chaos: ten minutes of real processes",
    command: ["pnpm", "chaos", "--minutes", "10"],
    advice: "its report names the seed and the moment",
  },
  {
    title: "transfers killed at 60 drawn points",
    command: ["pnpm", "--dir", "apps/cli", "bench:kills", "--points", "60"],
    advice: "its report names the point",
  },
]);
