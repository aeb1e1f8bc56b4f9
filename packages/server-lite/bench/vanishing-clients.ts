// Clients that vanish, over all carriers, in all ways, at any byte: afterwards nothing may be open in the
// server, and its resident memory must be back within 10 % of that after a warm-up of the same load.
//   pnpm bench:vanishing [--clients 10000] [--warm-up N] [--seed N] [--json]
// Ends by itself. Exit 1 when something stayed open or memory did not come back, 2 for bad arguments.

import { type ChildProcess, fork } from "node:child_process";
import { parseArgs } from "node:util";
import { type Random, seededRandom } from "@s2kit/core";
import type { Peer } from "../test/vanish/peer.js";
import { arrive, drawPlan, leave } from "./vanishing-plan.js";
import type { OpenThing, Plan, Ports, Question, ServerFacts } from "./vanishing-protocol.js";

const LOADER = `${import.meta.dirname}/../test/storage/programs/source-loader.mjs`;
/** Clients at the same time, in this process. */
const CROWD = 128;
/** Of these clients, one in so many calls within the server's process, or dies with its own. */
const WITHIN_EVERY = 10;
const KILLED_EVERY = 10;
/** Idle connections of HTTP/2 have the longest time of all. */
const SETTLE_MS = 90_000;
const MAX_GROWTH = 0.1;

interface Run {
  readonly ports: Ports;
  readonly server: ChildProcess;
  readonly random: Random;
  /** What the server must close by itself. */
  readonly lingering: Peer[];
}

function start(script: string): ChildProcess {
  return fork(`${import.meta.dirname}/${script}`, [], {
    execArgv: ["--expose-gc", "--import", LOADER],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

function answerOf<T>(child: ChildProcess, kind: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error(`a process died while it owed ${kind}`));
    const onMessage = (message: unknown): void => {
      if ((message as { kind: string }).kind !== kind) return;
      child.off("exit", onExit);
      child.off("message", onMessage);
      resolve(message as T);
    };
    child.on("exit", onExit);
    child.on("message", onMessage);
  });
}

function ask<T>(server: ChildProcess, question: Question, kind: string): Promise<T> {
  const answer = answerOf<T>(server, kind);
  server.send(question);
  return answer;
}

async function vanishHere({ ports, lingering }: Run, plans: readonly Plan[]): Promise<void> {
  const one = async (plan: Plan): Promise<void> => {
    const left = await leave(plan, await arrive(plan, ports));
    if (left !== undefined) lingering.push(left);
  };
  for (let at = 0; at < plans.length; at += CROWD)
    await Promise.all(plans.slice(at, at + CROWD).map(one));
}

async function dieTogether({ ports }: Run, plans: readonly Plan[]): Promise<void> {
  if (plans.length === 0) return;
  const crowd = start("vanishing-crowd.ts");
  const there = answerOf(crowd, "there");
  crowd.send({ plans, ports });
  await there;
  const gone = new Promise((resolve) => crowd.once("exit", resolve));
  crowd.kill("SIGKILL");
  await gone;
}

async function load(run: Run, clients: number): Promise<void> {
  const within = Math.floor(clients / WITHIN_EVERY);
  const killed = Math.floor(clients / KILLED_EVERY);
  const plans = (count: number): Plan[] =>
    Array.from({ length: count }, () => drawPlan(run.random));
  await vanishHere(run, plans(clients - within - killed));
  await dieTogether(run, plans(killed));
  for (let left = within; left > 0; left -= CROWD)
    await ask(run.server, { kind: "call", count: Math.min(left, CROWD) }, "called");
}

/** Waits until nothing is open; what is left when the time is over. */
async function settled({ server }: Run): Promise<ServerFacts> {
  const endMs = performance.now() + SETTLE_MS;
  for (;;) {
    const facts = await ask<ServerFacts>(server, { kind: "facts" }, "facts");
    if (facts.open.length === 0 || performance.now() > endMs) return facts;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

interface Figures {
  readonly clients: number;
  readonly tookMs: number;
  readonly settledMs: number;
  readonly warmRss: number;
  readonly rss: number;
  readonly growth: number;
  readonly warmLive: number;
  readonly live: number;
  readonly open: readonly OpenThing[];
}

async function measure(clients: number, warmUp: number, seed: number): Promise<Figures> {
  const server = start("vanishing-server.ts");
  try {
    const { ports } = await answerOf<{ ports: Ports }>(server, "ready");
    const run: Run = { ports, server, random: seededRandom(seed), lingering: [] };
    await load(run, warmUp);
    const warm = await settled(run);
    const startMs = performance.now();
    await load(run, clients);
    const loadedMs = performance.now();
    const after = await settled(run);
    for (const peer of run.lingering) peer.drop();
    return {
      clients,
      tookMs: Math.round(loadedMs - startMs),
      settledMs: Math.round(performance.now() - loadedMs),
      warmRss: warm.rss,
      rss: after.rss,
      growth: after.rss / warm.rss - 1,
      warmLive: warm.live,
      live: after.live,
      open: [...warm.open, ...after.open],
    };
  } finally {
    server.disconnect();
  }
}

function numberOf(text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  process.stderr.write(`expected a whole number above 0, got ${text}\n`);
  process.exit(2);
}

const { values } = parseArgs({
  options: {
    clients: { type: "string" },
    "warm-up": { type: "string" },
    seed: { type: "string" },
    json: { type: "boolean" },
  },
});
const clients = numberOf(values.clients, 10_000);
const warmUp = numberOf(values["warm-up"], clients);
const figures = await measure(clients, warmUp, numberOf(values.seed, 1));
const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
else {
  const { growth, live, open, rss, settledMs, tookMs, warmLive, warmRss } = figures;
  process.stdout.write(
    `${clients} clients vanished in ${(tookMs / 1000).toFixed(1)} s, settled ${(settledMs / 1000).toFixed(1)} s later\n` +
      `resident ${mib(warmRss)} after the warm-up, ${mib(rss)} now: ${(growth * 100).toFixed(1)} %\n` +
      `live     ${mib(warmLive)} after the warm-up, ${mib(live)} now\n` +
      `left open: ${open.length === 0 ? "nothing" : JSON.stringify(open)}\n`,
  );
}
process.exitCode = figures.open.length === 0 && figures.growth <= MAX_GROWTH ? 0 : 1;
