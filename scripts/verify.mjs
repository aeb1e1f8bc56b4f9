// The whole gate, stage by stage; stops at the first stage that fails: `node scripts/verify.mjs`.
// Started by `npm test` through the bootstrap, or by `pnpm verify`. Nothing else is "the rules".
// It ends with the cases that were skipped, each with its reason, and the number of all of them.

import { runGate, turbo } from "./stages.mjs";

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
    // Each package has workers of its own: many more at once only make each other late. Some only
    // wait, for processes or a browser, and must not be the last to begin.
    command: turbo("test", {
      logs: "new-only",
      more: ["--continue=dependencies-successful", "--concurrency=4"],
    }),
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
