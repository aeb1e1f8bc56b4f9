// The server under attack, in a process of its own, and the neighbour: a well-behaved client that
// must be served while others misbehave, and after.

import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerSettings } from "../../../src/index.js";
import { call } from "../../support/call.js";

export interface Memory {
  /** JavaScript heap plus buffers, after a full collection. */
  readonly live: number;
  readonly rss: number;
  /** How far the resident size ever rose above that of the idle server. */
  readonly peakRss: number;
}

export interface Victim extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** False once the process ended: an attack killed it. */
  readonly isAlive: boolean;
  readonly memory: () => Promise<Memory>;
}

const FOLDER = import.meta.dirname;

/** @param flags - of the platform, for its process */
export async function startVictim(
  settings: ServerSettings = {},
  flags: readonly string[] = [],
): Promise<Victim> {
  const child = fork(`${FOLDER}/child-server.ts`, [JSON.stringify(settings)], {
    execArgv: [
      ...flags,
      "--expose-gc",
      "--import",
      `${FOLDER}/../../storage/programs/source-loader.mjs`,
    ],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const { url, port } = await messageOf<{ url: string; port: number }>(child, "ready");
  return {
    url,
    port,
    get isAlive() {
      return child.exitCode === null && child.signalCode === null;
    },
    memory() {
      child.send("memory");
      return messageOf<Memory>(child, "memory");
    },
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await gone;
    },
  };
}

function messageOf<T>(child: ChildProcess, kind: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error(`the server died while it owed ${kind}`));
    child.once("exit", onExit);
    const onMessage = (message: unknown): void => {
      if ((message as { kind: string }).kind !== kind) return;
      child.off("message", onMessage);
      child.off("exit", onExit);
      resolve(message as T);
    };
    child.on("message", onMessage);
  });
}

const BASIN = "neighbour-basin";
let serial = 0;
/** Between two records: it has things to do, and leaves the machine to the attack. */
const REST_MS = 5;

/**
 * Runs an attack while a neighbour appends, one record after the other on its own connections, and
 * reads all of them back afterwards.
 *
 * @throws when the neighbour was refused, lost a record, or got no turn at all
 */
export async function besideNeighbour<T>(base: string, attack: () => Promise<T>): Promise<T> {
  const stream = `n${++serial}`;
  await expectStatus([200, 201], call(base, "PUT", `/v1/basins/${BASIN}`));
  await expectStatus([201], call(base, "PUT", `/v1/streams/${stream}`, { basin: BASIN }));
  let isOver = false;
  let appended = 0;
  const append = async (): Promise<void> => {
    await expectStatus(
      [200],
      call(base, "POST", `/v1/streams/${stream}/records`, {
        basin: BASIN,
        json: { records: [{ body: `${appended}` }], match_seq_num: appended },
      }),
    );
    appended++;
  };
  // At least one while the attack goes on, and one when it is over.
  const neighbour = (async () => {
    while (!isOver) {
      await append();
      await sleep(REST_MS);
    }
    await append();
  })();
  let outcome: T;
  try {
    outcome = await attack();
  } finally {
    isOver = true;
    await neighbour;
  }
  const path = `/v1/streams/${stream}/records?seq_num=${Math.max(0, appended - 1000)}`;
  const { json } = await expectStatus([200], call(base, "GET", path, { basin: BASIN }));
  const bodies = json.records.map((record: { body: string }) => Number(record.body));
  const first = Math.max(0, appended - 1000);
  if (bodies.some((body: number, at: number) => body !== first + at) || bodies.length === 0)
    throw new Error("the neighbour lost records");
  return outcome;
}

async function expectStatus(
  statuses: readonly number[],
  answer: ReturnType<typeof call>,
): ReturnType<typeof call> {
  const got = await answer;
  if (statuses.includes(got.status)) return got;
  throw new Error(`the neighbour was refused status=${got.status} body=${got.text}`);
}
