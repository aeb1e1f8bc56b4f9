// A failing history as a person wants it: what was broken, the command that shows it again, what
// could be left out, and the end of its trace.

import type { Plan } from "../story/plan.js";
import { type Reduction, reduce } from "../story/reduce.js";
import { runStory } from "../story/run-story.js";

/** Lines of the trace that are shown. */
const MAX_LINES = 60;
/** Traffic, line by line: left out of what is shown. */
const TRAFFIC = / c\d+[<>] \d+$/;

export function replayCommand({ seed, engine, profile }: Plan, reduction: Reduction): string {
  const { drop, maxSteps } = reduction;
  return [
    `pnpm sim --seed ${seed} --engine ${engine} --profile ${profile}`,
    ...(drop.length === 0 ? [] : [`--drop ${drop.join(",")}`]),
    ...(maxSteps === undefined ? [] : [`--max-steps ${maxSteps}`]),
    "--trace",
  ].join(" ");
}

export async function failureReport(plan: Plan, reduction: Reduction): Promise<string> {
  const reduced = reduce(plan, reduction);
  const { violation, lines, hash } = await runStory(reduced, { isTraced: true });
  const shown = lines.filter((line) => !TRAFFIC.test(line));
  return [
    `seed ${plan.seed} (${plan.engine}, ${plan.profile}) breaks a promise: ${violation?.message}`,
    `  actors    ${reduced.actors.map(({ name, steps }) => `${name}×${steps}`).join(" ")}`,
    `  troubles  ${reduced.troubles.map(({ name, atMs }) => `${name}@${atMs}`).join(" ") || "none"}`,
    `  trace     ${hash}, ${lines.length} lines, the last ${Math.min(MAX_LINES, shown.length)} without traffic:`,
    ...shown.slice(-MAX_LINES).map((line) => `    ${line}`),
    `again: ${replayCommand(plan, reduction)}`,
    "",
  ].join("\n");
}
