// Figures of the client beside the official SDK, in the same run against the same server: append and read
// sessions of 100 x 1 KiB, the producer at 100 B records, and what a ticket adds to an acknowledgement.
//
//     pnpm bench            about 15 s; numbers are of this machine and only compare within one run

import { performance } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import * as official from "@s2-dev/streamstore";
import { AppendInput, AppendRecord, S2 } from "@s2kit/client";
import { Producer } from "@s2kit/producer";

const BASIN = "bench-basin";
const BATCHES = 1500;
const RECORDS = 100;
const BODY_BYTES = 1024 - 8;
const MB = (BATCHES * RECORDS * 1024) / 1e6;

const worker = new Worker(new URL("server-worker.ts", import.meta.url));
const url = await new Promise<string>((resolve) => worker.once("message", resolve));
const endpoints = { account: url, basin: url };
const ours = new S2({ accessToken: "bench", endpoints });
const theirs = new official.S2({
  accessToken: "bench",
  endpoints: new official.S2Endpoints(endpoints),
});
await ours.basins.create({ basin: BASIN, config: { createStreamOnAppend: true } });

/** CPU of this thread alone: the server's thread is another. */
function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

async function measured(label: string, run: () => Promise<unknown>): Promise<void> {
  const cpu = cpuSeconds();
  const start = performance.now();
  await run();
  const seconds = (performance.now() - start) / 1000;
  const perGb = (cpuSeconds() - cpu) / (MB / 1000);
  console.log(
    `${label.padEnd(18)} ${(MB / seconds).toFixed(0).padStart(5)} MB/s  ${perGb.toFixed(2).padStart(6)} s of client CPU per GB`,
  );
}

for (let round = 1; round <= 2; round++) {
  const body = "x".repeat(BODY_BYTES);
  const stream = ours.basin(BASIN).stream(`ours-${round}`);
  await measured("append, ours", async () => {
    const session = await stream.appendSession();
    const input = AppendInput.create(
      Array.from({ length: RECORDS }, () => AppendRecord.string({ body })),
    );
    for (let i = 0; i < BATCHES; i++) await session.submit(input);
    await session.close();
  });
  const other = theirs.basin(BASIN).stream(`theirs-${round}`);
  await measured("append, official", async () => {
    const session = await other.appendSession({ maxInflightBytes: 5 * 1024 * 1024 });
    const input = official.AppendInput.create(
      Array.from({ length: RECORDS }, () => official.AppendRecord.string({ body })),
    );
    for (let i = 0; i < BATCHES; i++) await session.submit(input);
    await session.close();
  });
  const bound = { start: { from: { seqNum: 0 } }, stop: { limits: { count: BATCHES * RECORDS } } };
  await measured("read, ours", async () => {
    let count = 0;
    for await (const record of await stream.readSession(bound, { as: "bytes" }))
      count += record.body.length;
    if (count !== BATCHES * RECORDS * BODY_BYTES) throw new Error(`read ${count} bytes`);
  });
  await measured("read, official", async () => {
    let count = 0;
    for await (const record of await other.readSession(bound, { as: "bytes" }))
      count += record.body.length;
    if (count !== BATCHES * RECORDS * BODY_BYTES) throw new Error(`read ${count} bytes`);
  });
}

const SMALL = 1_000_000;
for (let round = 1; round <= 3; round++) {
  const session = await ours.basin(BASIN).stream(`producer-${round}`).appendSession();
  const producer = new Producer(session, { lingerDurationMillis: 5 });
  const record = AppendRecord.bytes({ body: new Uint8Array(100) });
  const start = performance.now();
  for (let i = 0; i < SMALL; i++) await producer.submit(record);
  await producer.close();
  const seconds = (performance.now() - start) / 1000;
  console.log(`producer, 100 B    ${(SMALL / seconds / 1000).toFixed(0)} k records/s`);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const direct: number[] = [];
const produced: number[] = [];
const single = AppendRecord.bytes({ body: new Uint8Array(100) });
const plain = await ours.basin(BASIN).stream("latency").appendSession();
const lingerless = new Producer(await ours.basin(BASIN).stream("latency").appendSession(), {
  lingerDurationMillis: 0,
});
for (let i = 0; i < 2000; i++) {
  const before = performance.now();
  await (await plain.submit({ records: [single] })).ack();
  const between = performance.now();
  await (await lingerless.submit(single)).ack();
  direct.push(between - before);
  produced.push(performance.now() - between);
}
const [session, producer] = [median(direct) * 1000, median(produced) * 1000];
console.log(
  `submit to ack, p50 ${session.toFixed(0)} µs by session, ${producer.toFixed(0)} µs by producer with linger 0`,
);
process.exit(0);
