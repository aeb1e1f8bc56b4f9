// A server in a process of its own, so that its memory can be measured and its death be seen:
// `child-server.ts <settings as JSON>`, run with --expose-gc. Tells its port over IPC, answers
// "memory", and ends when its parent does.

import { createServer, type ServerSettings } from "../../../src/index.js";

const settings = JSON.parse(process.argv[2] ?? "{}") as ServerSettings;
const server = createServer({ port: 0, drainGraceMs: 200, ...settings });
const { url, port } = await server.listen();

const baseKb = process.resourceUsage().maxRSS;
process.on("message", () => {
  globalThis.gc?.();
  // What native code gives back, it gives back a turn later.
  setImmediate(() => {
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    const peakRss = (process.resourceUsage().maxRSS - baseKb) * 1024;
    process.send?.({ kind: "memory", live: heapUsed + external, rss, peakRss });
  });
});
process.on("disconnect", () => process.exit(0));
process.send?.({ kind: "ready", url, port });
