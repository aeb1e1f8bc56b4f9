// The double as a process of its own: `node --import …/source-loader.mjs program.ts [OPTIONS [PORT]]`.
// Prints its URL, and takes over IPC what goes wrong next: a fault for all requests, or null.

import { startDouble } from "./double.js";
import type { Fault } from "./faults.js";

const [options = "{}", port = "0"] = process.argv.slice(2);
const double = await startDouble(JSON.parse(options), Number(port));
process.on("message", (fault: Fault | null) => {
  double.plan = () => fault ?? undefined;
  process.send?.("planned");
});
process.on("disconnect", () => process.exit(0));
process.stdout.write(`${double.url}\n`);
