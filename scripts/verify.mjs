// The whole gate, stage by stage; stops at the first stage that fails: `node scripts/verify.mjs`.
// Started by `npm test` through the bootstrap, or by `pnpm verify`. Nothing else is "the rules".
// It ends with the cases that were skipped, each with its reason, and the number of all of them.

import { runGate, turbo } from "./stages.mjs";

const KEEP_GOING = "--continue=dependencies-successful";
/** Suites that mostly take twice as long as they compute, and as many as take half of the time. */
const WAITING = [
  "@s2kit/studio-suite",
  "@s2kit/conformance",
  "@s2kit/sdk-suite",
  "@s2kit/packages-suite",
  "@s2kit/chaos",
  "@s2kit/example-chat",
  "@s2kit/resumable",
  "@s2kit/security",
  "@s2kit/examples-suite",
  "@s2kit/sim",
  "@s2kit/benchmarks",
];

/**
 * Lint comes after the build: its typed rules need the declarations that packages show each other. It has
 * the types of everything in hand, so it is also what checks them; `pnpm typecheck` does so by `tsc`.
 */
await runGate([
  { title: "format", command: ["biome", "check", "."], advice: "`pnpm format` repairs it" },
  {
    title: "boundaries",
    command: ["turbo", "boundaries"],
    advice: "see the floor plan in ARCHITECTURE.md",
  },
  { title: "build", command: turbo("build"), advice: "`pnpm build` repeats it" },
  {
    title: "lint and types",
    command: ["oxlint", "--type-aware", "--type-check", "--deny-warnings"],
    advice: "`pnpm lint` repeats it",
  },
  {
    title: "test",
    // What waits - for pages, timers, kills, a registry - beside what computes: one lane alone leaves a
    // core idle, and all at once make each other late. A package has two workers or so of its own.
    lanes: [
      turbo("test", {
        logs: "new-only",
        more: [KEEP_GOING, "--concurrency=2", ...WAITING.map((name) => `--filter=${name}`)],
      }),
      turbo("test", {
        logs: "new-only",
        more: [KEEP_GOING, "--concurrency=2", ...WAITING.map((name) => `--filter=!${name}`)],
      }),
    ],
    advice: "`pnpm vitest run` in the package repeats it",
    counts: true,
  },
  {
    title: "publish shape",
    command: turbo("check:publish"),
    advice: "`pnpm check:publish` repeats it",
  },
  {
    title: "house rules, proven",
    command: ["vitest", "run"],
    advice: "a rule in scripts/tidy.mjs no longer fires",
  },
  {
    title: "house rules",
    command: ["node", "scripts/tidy.mjs"],
    advice: "each line above ends with its remedy",
  },
]);
