// What about a minute of two free cores can tell about a change: `pnpm test:fast`. Format, types, lint and house rules of
// everything, and the suites that need no process of their own, no failing disk and no patience. What did
// not change since is kept by turbo. `npm test` is the gate: the last lines say what only it looks at.

import { runGate, turbo } from "./stages.mjs";

await runGate(
  [
    { title: "format", command: ["biome", "check", "."], advice: "`pnpm format` repairs it" },
    { title: "build", command: turbo("build"), advice: "`pnpm build` repeats it" },
    {
      title: "lint and types",
      command: ["oxlint", "--type-aware", "--type-check", "--deny-warnings"],
      advice: "`pnpm lint` repeats it",
    },
    {
      title: "house rules",
      command: ["node", "scripts/tidy.mjs"],
      advice: "each line above ends with its remedy",
    },
    {
      title: "quick suites",
      command: turbo("test:fast", { logs: "new-only" }),
      advice: "`pnpm vitest run` in the package repeats it",
      counts: true,
    },
  ],
  [
    "",
    "This was the quick look: core, client and producer whole; every case of conformance in memory; routes and",
    "sessions of server-lite; values and record formats of cli. Left out, and run by `npm test`: all else of",
    "server-lite (backend, HTTP rules, storage, crashes, kills, hostile clients), every command of cli, conformance on",
    "disk, with tokens and over TLS, the simulation, tests/ (end to end, parity, SDK, studio), benchmarks, boundaries,",
    "the shape of what is published, the proof that the house rules fire.",
  ],
);
