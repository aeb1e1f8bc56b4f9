// The workload of `s2kit bench` written as a user of the SDK would: a producer, a live reader, a
// catch-up read; the same options, records of the same shape and size. Nothing is hashed, verified
// or timed record by record. Started by overhead.ts: `bare-sdk.ts URL BASIN RECORD_BYTES DURATION_MS`.

import { randomBytes, randomUUID } from "node:crypto";
import { S2 } from "@s2kit/client";
import { batchMeteredBytes } from "@s2kit/core";
import { Producer } from "@s2kit/producer";

const [, , url = "", basin = "", recordBytes = "8192", durationMs = "2000"] = process.argv;
const UNACKED_BYTES = 5 * 1024 * 1024;
const OVERHEAD_BYTES = 22;

const client = new S2({
  accessToken: "bench",
  endpoints: { account: url, basin: url },
  retry: { maxAttempts: 3, appendRetryPolicy: "noSideEffects" },
});
const name = `bare/${randomUUID()}`;
const { streams } = client.basin(basin);
await streams.create({
  stream: name,
  config: {
    retentionPolicy: { ageSecs: 3600 },
    timestamping: { mode: "client-require", uncapped: true },
    deleteOnEmpty: { minAgeSecs: 60 },
  },
});
const stream = client.basin(basin).stream(name);
const bodyBytes = Number(recordBytes) - OVERHEAD_BYTES;
// Windows of random bytes, as many and as far apart as those of bench: caches see the same.
const pool = randomBytes(1.25 * 1024 * 1024);
let offset = 0;
const headers = [[Buffer.from("hash"), new Uint8Array(8)]] as const;

const startedAt = performance.now();
const reader = await stream.readSession({ start: { from: { seqNum: 0 } } }, { as: "bytes" });
let read = 0;
let wanted = Number.POSITIVE_INFINITY;
const reading = (async () => {
  for await (const { records } of reader.batches()) {
    read += batchMeteredBytes(records);
    if (read >= wanted) break;
  }
})();
const session = await stream.appendSession({ maxInflightBytes: UNACKED_BYTES });
const producer = new Producer(session, {
  lingerDurationMillis: 5,
  maxUnackedBytes: UNACKED_BYTES,
});
let acked = 0;
const acks = (async () => {
  for await (const { start, end } of session.acks()) acked += end.seqNum - start.seqNum;
})();
let sent = 0;
for (;;) {
  const elapsedMs = performance.now() - startedAt;
  if (elapsedMs >= Number(durationMs)) break;
  offset = offset + 2 * bodyBytes > pool.length ? sent % bodyBytes : offset + bodyBytes;
  const body = pool.subarray(offset, offset + bodyBytes);
  await producer.submit({ timestamp: Math.round(elapsedMs * 1000), headers, body });
  sent++;
}
await producer.close();
await acks;
const writeSecs = (performance.now() - startedAt) / 1000;
wanted = sent * Number(recordBytes);
if (read < wanted) await reading;
await reader.cancel();
const readSecs = (performance.now() - startedAt) / 1000;

const catchUpAt = performance.now();
const again = await stream.readSession(
  { start: { from: { seqNum: 0 } }, stop: { waitSecs: 0 } },
  { as: "bytes" },
);
let caughtUp = 0;
for await (const { records } of again.batches()) caughtUp += batchMeteredBytes(records);
const catchUpSecs = (performance.now() - catchUpAt) / 1000;
await streams.delete({ stream: name });
await client.close();
if (acked !== sent || caughtUp !== wanted) throw new Error("records are missing");
const { user, system } = process.cpuUsage();
const flow = (secs: number): unknown => ({
  records: sent,
  bytes: wanted,
  secs,
  mib_per_sec: wanted / secs / 1024 / 1024,
});
console.log(
  JSON.stringify({
    write: flow(writeSecs),
    read: flow(readSecs),
    catchup: flow(catchUpSecs),
    client: { cpu_secs: (user + system) / 1e6 },
  }),
);
