// One run from its first line to its last: load and faults until the time is over, then calm, a last kill, everything that
// was judged before is looked at again, the server ends well and its store is proven.

import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { S2Error } from "@s2kit/core";
import { BASIN, unexpected, Violation } from "@s2kit/sim";
import { type Chosen, makeTrouble } from "../faults/schedule.ts";
import { lookAgain, type Remembered } from "../load/audit.ts";
import { drawScript } from "../load/cast.ts";
import { runCell } from "../load/cell.ts";
import { ProcessStage } from "../load/process-stage.ts";
import { River, THIN, WIDE } from "../load/river.ts";
import { until } from "../load/until.ts";
import { COMMAND } from "../server/server-process.ts";
import type { ServerStore } from "../server/server-store.ts";
import type { ChaosWorld } from "../world/chaos-world.ts";

/** Cells at any time. */
const CELLS = 3;
/** The first ones begin one after the other, so that they never all end together. */
const STAGGER_MS = 2500;
const LAST_LOOK_MS = 300_000;
const GONE = ["stream_not_found", "stream_deletion_pending"];

export interface Findings {
  readonly histories: string[];
  readonly kept: Remembered[];
  readonly deleted: string[];
  readonly undecided: string[];
  cells: number;
}

/** What was broken is in the world when it returns. */
export async function runChaos(
  world: ChaosWorld,
  ms: number,
  { faults }: Chosen,
): Promise<Findings> {
  const findings: Findings = { histories: [], kept: [], deleted: [], undecided: [], cells: 0 };
  try {
    await world.within("first start", LAST_LOOK_MS, world.keeper.start());
    const rivers = [THIN, WIDE].map((bed) => new River(world, bed));
    await Promise.all(rivers.map((river) => river.begin()));
    const trouble = makeTrouble(world, faults);
    const endMs = performance.now() + ms;
    const lanes = Array.from({ length: CELLS }, (_, lane) => cells(world, findings, endMs, lane));
    const load = Promise.all(lanes);
    load.catch(() => undefined);
    await Promise.race([sleep(ms), world.broken]);
    world.over.abort();
    world.log.note("calm");
    await trouble;
    await world.within("last cells", 2 * LAST_LOOK_MS, load);
    await Promise.all(rivers.map((river) => river.end()));
    await finish(world, findings);
  } catch (error) {
    world.fail(unexpected(error));
  }
  return findings;
}

async function cells(
  world: ChaosWorld,
  findings: Findings,
  endMs: number,
  lane: number,
): Promise<void> {
  await Promise.race([sleep(lane * STAGGER_MS), world.broken]);
  for (let round = 0; ; round++) {
    const index = round * CELLS + lane;
    const script = drawScript(world.randomOf(`cell/${index}`), index);
    const { kept, deleted, histories, undecided } = await runCell(world, script);
    findings.cells++;
    findings.kept.push(...kept);
    findings.deleted.push(...deleted);
    findings.histories.push(...histories);
    findings.undecided.push(...undecided);
    world.log.note(
      `${script.name} judged: ${kept.length} kept, ${deleted.length} deleted, ${undecided.length} undecided`,
    );
    if (performance.now() >= endMs) return;
  }
}

async function finish(world: ChaosWorld, { kept, deleted }: Findings): Promise<void> {
  const { keeper, store } = world;
  await world.within("last kill", LAST_LOOK_MS, keeper.replace("SIGKILL", 0));
  const stage = new ProcessStage(world, "last look");
  const client = stage.client("last look", "s2s");
  const basin = client.basin(BASIN);
  const look = async (): Promise<void> => {
    for (const known of kept) await until(world, () => lookAgain(basin.stream(known.name), known));
    for (const name of deleted) await until(world, () => requireGone(basin.stream(name), name));
  };
  await world.within("last look", LAST_LOOK_MS, look());
  await stage.closeClients();
  world.log.note(`${kept.length} streams seen again, ${deleted.length} still gone`);
  await world.within("last drain", LAST_LOOK_MS, keeper.close());
  await world.within("proof of the store", LAST_LOOK_MS, prove(store));
}

async function requireGone(stream: { checkTail(): Promise<unknown> }, name: string): Promise<void> {
  try {
    await stream.checkTail();
  } catch (error) {
    if (error instanceof S2Error && GONE.includes(error.code)) return;
    throw error;
  }
  throw new Violation("deleted", `${name} is there again after its deletion`);
}

/** Every checksum of it. @throws {Violation} */
async function prove({ named, env }: ServerStore): Promise<void> {
  try {
    const args = [COMMAND, "lite", "verify", ...named, "--json"];
    await promisify(execFile)(process.execPath, args, {
      maxBuffer: 1 << 26,
      env: { ...process.env, ...env },
    });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Violation("sound", `the store is not: ${(stdout + stderr).slice(0, 2000)}`);
  }
}
