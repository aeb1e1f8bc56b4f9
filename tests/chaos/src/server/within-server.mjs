// Loaded into the process of a server under test, before it: moves its wall clock when it is told to, tells what it
// weighs, and ends it when its parent is gone. The server's own code stays as it is shipped.

import { readdirSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const System = globalThis.Date;
let offsetMs = 0;

/** What asks for the time gets another; every other use of Date stays the system's. */
const Shifted = new Proxy(System, {
  get: (target, key, receiver) =>
    key === "now" ? () => System.now() + offsetMs : Reflect.get(target, key, receiver),
  construct: (target, args) =>
    args.length === 0 ? new System(System.now() + offsetMs) : Reflect.construct(target, args),
  apply: () => new System(System.now() + offsetMs).toString(),
});

const loop = monitorEventLoopDelay({ resolution: 10 });
let cpu = process.cpuUsage();

const millis = (nanoseconds) => Math.round(nanoseconds / 10_000) / 100;

function weight() {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const used = process.cpuUsage(cpu);
  cpu = process.cpuUsage();
  const [loopP50Ms, loopP99Ms, loopMaxMs] =
    loop.count === 0 ? [0, 0, 0] : [loop.percentile(50), loop.percentile(99), loop.max].map(millis);
  loop.reset();
  const open = process.getActiveResourcesInfo();
  return {
    rss,
    heapUsed,
    external,
    arrayBuffers,
    loopP50Ms,
    loopP99Ms,
    loopMaxMs,
    handles: open.length,
    connections: open.filter((kind) => kind === "TCPSocketWrap").length,
    descriptors: descriptors(),
    cpuMs: Math.round((used.user + used.system) / 1000),
  };
}

/** Open ones; undefined where the system does not tell. */
function descriptors() {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}

process.on("message", ({ kind, byMs }) => {
  if (kind === "weigh") {
    loop.enable();
    process.send({ kind: "weight", weight: weight() }, () => undefined);
  }
  if (kind === "jump") {
    offsetMs = byMs;
    globalThis.Date = Shifted;
  }
});
process.on("disconnect", () => process.exit(3));
// The server alone decides when its process is done.
process.channel?.unref();
