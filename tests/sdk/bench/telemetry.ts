// What watching costs: processor time of an append over a session, with nobody watching, and with the
// hooks of the face for OpenTelemetry over an API without SDK. Run: node bench/telemetry.ts

import { AppendRecord, S2, type S2Hooks } from "@s2kit/client";
import { openTelemetryHooks } from "@s2kit/client/opentelemetry";
import { createServer } from "@s2kit/server-lite";
import { openTelemetryObserver } from "@s2kit/server-lite/opentelemetry";

const APPENDS = 20_000;
const ROUNDS = 5;
const record = AppendRecord.string({ body: "x".repeat(100) });

async function microsecondsOf(hooks: S2Hooks, isObserved: boolean): Promise<number> {
  const observer = isObserved ? openTelemetryObserver() : undefined;
  const server = createServer({ port: 0 }, { observer });
  const { url } = await server.listen();
  const s2 = new S2({ accessToken: "ignored", endpoints: { account: url, basin: url } }, { hooks });
  await s2.basins.create({ basin: "bench-basin", config: { createStreamOnAppend: true } });
  const session = await s2.basin("bench-basin").stream("s").appendSession();
  const run = async (count: number): Promise<void> => {
    let last: { ack(): Promise<unknown> } | undefined;
    for (let i = 0; i < count; i++) last = await session.submit({ records: [record] });
    await last?.ack();
  };
  await run(APPENDS / 4);
  const before = process.cpuUsage();
  await run(APPENDS);
  const { user, system } = process.cpuUsage(before);
  await session.close();
  await s2.close();
  await server.close();
  return (user + system) / APPENDS;
}

const cells = {
  "nobody watches": () => microsecondsOf({}, false),
  "client by hooks, no SDK": () => microsecondsOf(openTelemetryHooks(), false),
  "server by observer, no SDK": () => microsecondsOf({}, true),
};
const best: Record<string, number> = {};
for (let round = 0; round < ROUNDS; round++)
  for (const [name, measure] of Object.entries(cells))
    best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, await measure());
for (const [name, microseconds] of Object.entries(best))
  console.log(`${name}: ${microseconds.toFixed(1)} us of processor time an append`);
