// `pnpm bench:kills [--points N | --every-step] [--seed N] [--engine memory|disk] [--mib N] [--json]`:
// kills export, import and cp at so many points on each engine, or the exports at every step on their
// files, and goes on; exit 1 when a result is not the source's.

import { parseArgs } from "node:util";
import { runKillPoints } from "./kill-points.ts";
import type { Engine } from "./transfer-world.ts";

const { values } = parseArgs({
  options: {
    points: { type: "string", default: "100" },
    "every-step": { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    engine: { type: "string" },
    mib: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});

const engines: readonly Engine[] =
  values.engine === "memory" || values.engine === "disk" ? [values.engine] : ["memory", "disk"];
let failed = 0;
for (const engine of engines) {
  const started = performance.now();
  const result = await runKillPoints({
    engine,
    seed: Number(values.seed),
    points: values["every-step"] ? "every-file-step" : Number(values.points),
    mib: Number(values.mib),
    onPoint: (done) => {
      if (!values.json && done % 50 === 0) console.error(`${engine}: ${done} points`);
    },
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  failed += result.failures.length;
  if (values.json) console.log(JSON.stringify({ ...result, seconds }));
  else {
    const { points, commands, kills, tooLate, failures } = result;
    console.log(`${engine}: ${points} points in ${seconds} s, ${failures.length} failed`);
    console.log(`  ${JSON.stringify(commands)} ${JSON.stringify(kills)}, too late ${tooLate}`);
    for (const failure of failures) console.log(`  ${failure}`);
  }
}
process.exit(failed === 0 ? 0 : 1);
