// A cell of the load: a few streams of its own, a cast that acts on them through whatever happens to the server, then the
// audit. Several cells run at any time, so that the load never stops and each history stays small enough to be judged.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Actor,
  BASIN,
  beliefsOf,
  checkStream,
  type FinalState,
  historyOf,
  judgeHistory,
  type StreamOracle,
  unexpected,
  Violation,
} from "@s2kit/sim";
import type { ChaosWorld } from "../world/chaos-world.ts";
import { type Remembered, readWhole, remember } from "./audit.ts";
import { actorKindOf, type Script } from "./cast.ts";
import { ProcessStage } from "./process-stage.ts";
import { until } from "./until.ts";

/** Longer than the most patient actor and all stops of the server together. */
const CELL_MS = 300_000;
const SETUP_MS = 120_000;
const AUDIT_MS = 120_000;

export interface CellResult {
  /** Streams that stay, with what is in them. */
  readonly kept: readonly Remembered[];
  readonly deleted: readonly string[];
  /** Of the public model, one for each stream that it can judge. */
  readonly histories: readonly string[];
  /** Streams and histories of which no order was found, and none ruled out. */
  readonly undecided: readonly string[];
}

/** @throws {Violation} */
export async function runCell(world: ChaosWorld, script: Script): Promise<CellResult> {
  const stage = new ProcessStage(world, script.name);
  try {
    await world.within(`making of the streams of ${script.name}`, SETUP_MS, setUp(stage, script));
    const unfinished = new Set<string>();
    const acting = Promise.all(script.cast.map((member) => act(stage, script, member, unfinished)));
    await world
      .within(`cell ${script.name}`, CELL_MS, acting)
      .catch((error: unknown) => toldWhoIsStuck(error, unfinished));
    await stage.closeClients();
    const result = await world.within(`audit of ${script.name}`, AUDIT_MS, audit(stage, script));
    await stage.closeClients();
    return result;
  } catch (error) {
    const violation = unexpected(error);
    world.fail(violation, script.name);
    leaveTraces(stage);
    throw violation;
  }
}

async function act(
  stage: ProcessStage,
  script: Script,
  { name, kind, steps }: Script["cast"][number],
  unfinished: Set<string>,
): Promise<void> {
  unfinished.add(name);
  const { streams, thinkMs, maxBodyBytes } = script;
  const actor = new Actor(stage, { name, steps, thinkMs, maxBodyBytes, streams });
  await actorKindOf(kind, (who) => stage.originFor(who))(actor);
  stage.world.count(`actors ${kind}`);
  unfinished.delete(name);
}

function toldWhoIsStuck(error: unknown, unfinished: ReadonlySet<string>): never {
  if (error instanceof Violation && error.promise === "stuck" && unfinished.size > 0)
    throw new Violation("stuck", `${error.what}; unfinished: ${[...unfinished].join(" ")}`);
  throw error;
}

async function setUp(stage: ProcessStage, { streams }: Script): Promise<void> {
  const client = stage.client("setup", "fetch");
  const config = { retentionPolicy: { infinite: {} } };
  await until(stage.world, () => client.basins.ensure({ basin: BASIN }));
  for (const stream of streams)
    await until(stage.world, () => client.basin(BASIN).streams.ensure({ stream, config }));
}

async function audit(stage: ProcessStage, script: Script): Promise<CellResult> {
  const { world } = stage;
  const client = stage.client("audit", "s2s");
  const { streams: manager } = client.basin(BASIN);
  const isDeleting = !script.isPlain && stage.randomOf("fate").next() < 0.6;
  const kept: Remembered[] = [];
  const deleted: string[] = [];
  const histories: string[] = [];
  const undecided: string[] = [];
  for (const name of [...script.streams, ...stage.ownStreams]) {
    const oracle = stage.stream(name);
    const handle = client.basin(BASIN).stream(name);
    const final = await until(world, () => readWhole(handle, oracle));
    if (checkStream(oracle, final) === "undecided") undecided.push(name);
    if (script.isPlain) {
      const { history, isDecided } = judged(oracle);
      histories.push(history);
      if (!isDecided) undecided.push(`history of ${name}`);
    }
    countWork(world, oracle, final);
    if (isDeleting) {
      await until(world, () => manager.delete({ stream: name, ignoreNotFound: true }));
      deleted.push(name);
    } else kept.push(remember(oracle, final));
  }
  return { kept, deleted, histories, undecided };
}

/** By what it says to others, too. @throws {Violation} */
function judged(oracle: StreamOracle): { readonly history: string; readonly isDecided: boolean } {
  const history = historyOf(oracle);
  const verdict = judgeHistory(history, { beliefs: beliefsOf(oracle) });
  if (verdict.kind === "refuted")
    throw new Violation(
      "linearizable",
      `${oracle.name}, by its written history: no moment for ${verdict.culprit.label}`,
    );
  return { history, isDecided: verdict.kind === "linearizable" };
}

function countWork(world: ChaosWorld, oracle: StreamOracle, { tail }: FinalState): void {
  world.count("streams judged");
  world.count("records in them", tail);
  for (const operation of oracle.operations)
    world.count(operation.kind === "append" ? `appends ${operation.outcome.kind}` : "reads");
}

function leaveTraces(stage: ProcessStage): void {
  const { log, place } = stage.world;
  for (const note of stage.notes) log.note(`  ${stage.name} ${note}`);
  const histories = join(place, "histories");
  mkdirSync(histories, { recursive: true });
  for (const [name, stream] of stage.streams)
    writeFileSync(join(histories, `${name.replace(/\W+/g, "-")}.jsonl`), historyOf(stream));
}
