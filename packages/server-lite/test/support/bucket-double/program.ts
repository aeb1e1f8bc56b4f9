// The double as a process of its own: `node --import …/source-loader.mjs program.ts [OPTIONS [PORT]]`.
// Prints its URL, and takes over IPC what goes wrong next: a fault for all requests, or null; or a
// process that is killed when so many requests have come from then on, before the last has an effect.
// Asked to count, it tells what was put so far.

import { startDouble } from "./double.js";
import type { Fault, FaultPlan } from "./faults.js";

const [options = "{}", port = "0"] = process.argv.slice(2);
const double = await startDouble(JSON.parse(options), Number(port));
interface Kill {
  readonly kind: "kill";
  readonly pid: number;
  readonly requests: number;
}

function planOf(message: Fault | Kill | null): FaultPlan {
  if (message?.kind !== "kill") return () => message ?? undefined;
  let left = message.requests;
  return () => {
    if (--left === 0) process.kill(message.pid, "SIGKILL");
    return undefined;
  };
}

process.on("message", (message: Fault | Kill | { readonly kind: "count" } | null) => {
  if (message?.kind === "count") {
    process.send?.(double.received);
    return;
  }
  double.plan = planOf(message);
  process.send?.("planned");
});
process.on("disconnect", () => process.exit(0));
process.stdout.write(`${double.url}\n`);
