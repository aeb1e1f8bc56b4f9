// The sum of memory: everything that can make a server hold bytes, at once, against its stated budget.
// `pnpm bench:memory [--json] [--budget MIB] [--storage memory|disk] [--young MIB] [--only NAME]`. The server is a
// process of its own; a neighbour appends and reads all the while. Exit 1 when the memory passes budget
// and base, or the neighbour was not served. Bounded: about a minute, 700 connections, 127.0.0.1.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  type Attack,
  appendBytes,
  deafReaders,
  deafWebSockets,
  halfBodies,
  halfFrames,
  halfMessages,
  heldUploads,
  idleSessions,
  makeStream,
  pinningFollowers,
  type Target,
  tinyChunks,
  windowlessReaders,
} from "../test/hostile/support/attacks.js";
import { heldBy } from "../test/hostile/support/figures.js";
import { watchNeighbour } from "../test/hostile/support/neighbour.js";
import { startVictim } from "../test/hostile/support/victim.js";
import { call } from "../test/support/call.js";

const MIB = 1024 * 1024;
/** Code, heap and garbage of a busy server, the kernel's socket buffers not counted. */
const BASE_MIB = 270;
const INFLIGHT_MIB = 16;
/** Of the disk engine: tail cache and extents 64, the log segment that is rewritten 64. */
const CACHE_MIB = 128;
/** As the guide says: left to itself, the young generation grows so much more on large machines. */
const YOUNG_MIB = 100;
const LONGEST_GAP_MS = 10_000;
const AFTERMATH_MS = 6000;

const { values } = parseArgs({
  options: {
    json: { type: "boolean" },
    budget: { type: "string", default: "64" },
    storage: { type: "string", default: "disk" },
    /** Half of the young generation, at most; the platform's choice when absent. */
    young: { type: "string" },
    only: { type: "string" },
  },
});
const budgetMib = Number(values.budget);

const attacks: Readonly<Record<string, Attack>> = {
  "HTTP/1.1 S2S readers": deafReaders("big", 150, { "content-type": "s2s/proto" }),
  "HTTP/1.1 JSON reads": deafReaders("big", 60),
  "SSE readers": deafReaders("big", 60, { accept: "text/event-stream" }),
  "HTTP/2 readers": windowlessReaders(["big", "big", "big"], 40, "seq_num=0"),
  "WebSocket readers": deafWebSockets("big", 40),
  "held uploads": heldUploads("slow", 6, 8),
  "half frames": halfFrames("victim", 3, 60),
  "half messages": halfMessages("victim", 20),
  "half bodies": halfBodies("victim", 30),
  "tiny chunks": tinyChunks("victim", 4, 1_000_000),
  "idle sessions": idleSessions("victim", 4, 100),
  "followers of tiny records": pinningFollowers(6, 10),
};
const wanted = Object.entries(attacks).filter(
  ([name]) => values.only === undefined || name === values.only,
);
if (wanted.length === 0) {
  process.stderr.write(`unknown attack; there are: ${Object.keys(attacks).join(", ")}\n`);
  process.exit(2);
}

const directory = mkdtempSync(join(tmpdir(), "s2kit-memory-"));
const say = (line: string): void => {
  if (values.json !== true) process.stdout.write(`${line}\n`);
};
let isGood = false;
try {
  await using victim = await startVictim(
    {
      maxHeldBytes: budgetMib * MIB,
      appendInflightBytes: INFLIGHT_MIB * MIB,
      storage: values.storage === "memory" ? { kind: "memory" } : { kind: "disk", directory },
      limits: { perStream: { appendBytesPerSec: 64 * MIB } },
    },
    values.young === undefined ? [] : [`--max-semi-space-size=${values.young}`],
  );
  const { url, port } = victim;
  const target: Target = { url, port, basin: "attacked-basin", sockets: [] };
  await call(url, "PUT", `/v1/basins/${target.basin}`);
  for (const stream of ["big", "slow", "victim"]) await makeStream(target, stream);
  for (let at = 0; at < 24; at++) await appendBytes(target, "big", 1_000_000);
  const before = await victim.memory();

  const neighbour = await watchNeighbour(url);
  const steps = [];
  for (const [name, attack] of wanted) {
    // An attacker that is refused has lost.
    const outcome = await attack(target).then(
      () => "held",
      (error: Error) => error.message.slice(0, 80),
    );
    const { rss, live } = await victim.memory();
    const held = await heldBy(url);
    steps.push({ name, outcome, rssMib: mib(rss), liveMib: mib(live), held: held.kinds });
    say(
      `${name.padEnd(28)} resident ${String(mib(rss)).padStart(4)} MiB   live ${String(mib(live)).padStart(4)}   held ` +
        `${String(mib(held.sum)).padStart(4)} MiB   gave way ${held.gaveWay}`,
    );
  }
  await sleep(AFTERMATH_MS);
  const service = await neighbour.stop();
  const { live, rss, peakRss } = await victim.memory();
  const held = await heldBy(url);
  for (const socket of target.sockets.splice(0)) socket[Symbol.dispose]();
  await sleep(1000);
  const after = await victim.memory();
  const left = await heldBy(url);

  const boundMib =
    budgetMib +
    INFLIGHT_MIB +
    BASE_MIB +
    (values.storage === "disk" ? CACHE_MIB : 0) +
    (values.young === undefined ? YOUNG_MIB : 0);
  const isUnder = peakRss < boundMib * MIB && held.sum <= held.max && left.sum < MIB;
  const isServed = service.longestGapMs < LONGEST_GAP_MS && service.lost === 0;
  isGood = isUnder && isServed && victim.isAlive;
  const figures = {
    budgetMib,
    boundMib,
    idleRssMib: mib(before.rss),
    peakRssMib: mib(peakRss),
    rssMib: mib(rss),
    liveMib: mib(live),
    heldMib: mib(held.sum),
    gaveWay: held.gaveWay,
    afterMib: mib(after.live),
    leftBytes: left.sum,
    service,
    isUnder,
    isServed,
  };
  if (values.json === true)
    process.stdout.write(`${JSON.stringify({ steps, ...figures }, null, 2)}\n`);
  else
    for (const [name, value] of Object.entries(figures))
      say(`${name.padEnd(14)} ${typeof value === "object" ? JSON.stringify(value) : value}`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exit(isGood ? 0 : 1);

function mib(bytes: number): number {
  return Math.round(bytes / MIB);
}
