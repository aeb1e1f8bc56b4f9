import { drawPlan } from "../story/plan.js";
import { runStory } from "../story/run-story.js";
const [from, count, profile = "small", trace] = process.argv.slice(2);
const t = performance.now();
let simulated = 0, ops = 0, lives = 0;
for (let seed = Number(from); seed < Number(from) + Number(count); seed++) {
  const plan = drawPlan({ seed, profile: profile as never });
  const r = await runStory(plan, { isTraced: trace !== undefined });
  simulated += r.simulatedMs; ops += r.operations; lives += r.lives;
  if (trace) console.log(r.lines.join("\n"));
  if (r.violation || trace) console.log(seed, plan.engine, r.hash, r.violation?.message.slice(0, 600));
}
const ms = performance.now() - t;
console.log(count, "histories", (ms / Number(count)).toFixed(1), "ms each", "simulated/real", (simulated / ms).toFixed(0), "ops", ops, "lives", lives);
