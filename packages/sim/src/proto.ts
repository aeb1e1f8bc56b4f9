import { createSimulatedClock } from "@s2kit/core/testing";
import { seededRandom } from "@s2kit/core";
import { S2, AppendRecord } from "@s2kit/client";
import { createServer } from "@s2kit/server-lite";
import { usePlatform } from "/work/wt/sim/packages/sim/src/network/platform.ts";
import { SimulatedNetwork } from "/work/wt/sim/packages/sim/src/network/simulated-network.ts";
import { createHash } from "node:crypto";
import { fetchOver } from "/work/wt/sim/packages/sim/src/network/fetch.ts";

let turns = 0;
async function quiet() {
  let calm = 0;
  while (calm < 2) {
    await new Promise(r => setImmediate(r)); turns++;
    calm = process.getActiveResourcesInfo().includes("Immediate") ? 0 : calm + 1;
  }
}
async function history(seed: number) {
  const clock = createSimulatedClock();
  const random = seededRandom(seed);
  const hash = createHash("sha256"); let notes = 0;
  const network = new SimulatedNetwork({ clock, random, settings: { maxLatencyMs: 5, splitChance: 0.2, faultChance: 0, faultBytes: 20000 }, note: (w) => { notes++; const l = clock.monotonic() + " " + w + "\n"; hash.update(l); if (process.env.TRACE) process.stdout.write(l) } });
  usePlatform({ network, clock });
  const server = createServer({ port: 8080 }, { clock, random });
  await server.listen();
  const s2 = new S2({ accessToken: "any", endpoints: { account: "http://localhost:8080", basin: "http://localhost:8080" }, transport: "s2s" }, { clock, random, fetch: fetchOver(network) });
  let done = false;
  const work = (async () => {
    await s2.basins.create({ basin: "sim-basin-1" } as never);
    const basin = s2.basin("sim-basin-1");
    await basin.streams.create({ stream: "a" } as never);
    const stream = basin.stream("a");
    const reader = await stream.readSession({ start: { from: { seqNum: 0 } } } as never);
    let seen = 0;
    const reading = (async () => { for await (const r of reader) { seen++; if (seen === 60) break; } })();
    const session = await stream.appendSession();
    for (let i = 0; i < 20; i++) { await session.submit({ records: [AppendRecord.string({ body: "x" + i }), AppendRecord.string({ body: "y" })] } as never); }
    for (let i = 0; i < 20; i++) await stream.append({ records: [AppendRecord.string({ body: "u" + i })] } as never);
    await session.close();
    await reading;
    await s2.close();
  })().catch(e => console.log("FAIL", e)).finally(() => { done = true; });
  while (!done) { await quiet(); if (!done && !clock.fireNext()) throw new Error("stuck"); }
  const closing = server.close(); let closed = false; void closing.then(() => closed = true);
  while (!closed) { await quiet(); if (!closed && !clock.fireNext()) throw new Error("stuck"); }
  network.destroyAll(); await quiet();
  usePlatform(undefined);
  return hash.digest("hex").slice(0, 12) + " notes=" + notes + " t=" + clock.monotonic() + " timers=" + clock.liveTimers.length;
}
for (const seed of [1, 1, 2, 2, 3]) console.log(seed, await history(seed));
const t = performance.now(); const t0 = turns;
for (let i = 0; i < 50; i++) await history(i);
console.log((performance.now() - t) / 50, "ms per history", (turns - t0) / 50);
