// What a conditional PUT costs the bucket client, and what it adds to the store's own time:
// `pnpm bench:bucket [SECONDS]`. The store is the double, in a process of its own; the figures are this process's processor time for a MiB,
// and latencies beside the one that was injected.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { seededRandom, systemClock } from "@s2kit/core";
import { CredentialKeeper } from "../src/storage/object/client/credentials/credential-keeper.js";
import { createCredentials } from "../src/storage/object/client/credentials/credentials.js";
import { resolveS3 } from "../src/storage/object/client/s3/s3-settings.js";
import { S3Store } from "../src/storage/object/client/s3/s3-store.js";
import { SteadyStore } from "../src/storage/object/client/steady/steady-store.js";
import { Sender } from "../src/storage/object/client/wire/send.js";
import { KEYS } from "../test/support/bucket-double/double.js";
import type { Fault } from "../test/support/bucket-double/faults.js";

const MIB = 1024 * 1024;
const IN_FLIGHT = 4;
const seconds = Number(process.argv[2] ?? 3);
if (!(seconds > 0 && seconds <= 600)) {
  process.stderr.write(`SECONDS is a number above 0, at most 600, not ${process.argv[2]}\n`);
  process.exit(2);
}

const program = fileURLToPath(new URL("../test/support/bucket-double/program.ts", import.meta.url));
const loader = fileURLToPath(
  new URL("../test/storage/programs/source-loader.mjs", import.meta.url),
);
const child = fork(program, [JSON.stringify({ keepsBytes: false })], {
  execArgv: ["--import", loader],
  stdio: ["ignore", "pipe", "inherit", "ipc"],
});
const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, "data")) as [Buffer];
const endpoint = line.toString().trim();

async function plan(fault: Fault | null): Promise<void> {
  child.send(fault as object);
  await once(child, "message");
}

function openStore(payload: "signed" | "unsigned"): { store: SteadyStore; sender: Sender } {
  const settings = {
    ...resolveS3({ bucket: "bucket", prefix: `${payload}-${systemClock.now()}`, endpoint }, {}),
    payload,
  };
  const sender = new Sender(systemClock, settings.maxSockets);
  const source = { name: "the benchmark", load: async () => createCredentials(KEYS) };
  const credentials = new CredentialKeeper(source, systemClock);
  const inner = new S3Store(settings, { clock: systemClock, sender, credentials });
  const components = { clock: systemClock, random: seededRandom(1) };
  return { store: SteadyStore.over(inner, {}, components), sender };
}

interface Row {
  readonly payload: string;
  readonly "bytes of a PUT": number;
  readonly "injected ms": number;
  readonly PUTs: number;
  readonly "processor ms per MiB": number;
  readonly "processor us per PUT": number;
  readonly "p50 ms": number;
  readonly "p99 ms": number;
}

async function measure(
  payload: "signed" | "unsigned",
  bytes: number,
  injectedMs: number,
): Promise<Row> {
  await plan(injectedMs === 0 ? null : { kind: "slow", effectMs: injectedMs, answerMs: 0 });
  const { store, sender } = openStore(payload);
  const part = seededRandom(bytes).bytes(bytes / 4);
  const parts = [part, part, part, part];
  const latencies: number[] = [];
  let next = 0;
  const write = async (until: number): Promise<void> => {
    while (systemClock.monotonic() < until) {
      const startedAt = systemClock.monotonic();
      const { kind } = await store.putIfAbsent(`${bytes}/${injectedMs}/${next++}`, parts);
      if (kind !== "stored") throw new Error("the double has this key already");
      latencies.push(systemClock.monotonic() - startedAt);
    }
  };
  const run = async (ms: number): Promise<void> => {
    const until = systemClock.monotonic() + ms;
    await Promise.all(Array.from({ length: IN_FLIGHT }, () => write(until)));
  };
  await run(700);
  latencies.length = 0;
  const before = process.cpuUsage();
  await run(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  sender.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    round(latencies[Math.floor((latencies.length - 1) * share)] ?? 0);
  const cpuMs = (user + system) / 1000;
  return {
    payload,
    "bytes of a PUT": bytes,
    "injected ms": injectedMs,
    PUTs: latencies.length,
    "processor ms per MiB": round(cpuMs / ((latencies.length * bytes) / MIB)),
    "processor us per PUT": Math.round((cpuMs * 1000) / latencies.length),
    "p50 ms": at(0.5),
    "p99 ms": at(0.99),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const rows: Row[] = [];
for (const payload of ["unsigned", "signed"] as const)
  for (const bytes of [64 * 1024, MIB])
    for (const injectedMs of [0, 20]) rows.push(await measure(payload, bytes, injectedMs));
console.table(rows);
child.disconnect();
