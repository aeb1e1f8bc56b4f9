// One story from its first line to its last: streams are made in calm, everyone acts while things
// go wrong, then calm comes back, a last power loss, and the audit: what is on the disk, what is
// left open, and whether one order explains everything.

import { Actor, BASIN } from "../actors/actor.js";
import { ACTOR_KINDS } from "../actors/catalogue.js";
import { checkStream, type FinalState } from "../oracle/final-check.js";
import type { StreamOracle } from "../oracle/stream-oracle.js";
import { unexpected, Violation } from "../oracle/violation.js";
import { World } from "../world/world.js";
import type { Plan } from "./plan.js";
import { PROFILES } from "./profile.js";
import { keepAlive, makeTrouble } from "./trouble-maker.js";

export interface StoryOptions {
  readonly isTraced?: boolean;
}

export interface StoryResult {
  readonly hash: string;
  readonly violation: Violation | undefined;
  /** Streams of which no order was found, and none ruled out. */
  readonly undecided: readonly string[];
  readonly lines: readonly string[];
  readonly streams: ReadonlyMap<string, StreamOracle>;
  readonly simulatedMs: number;
  readonly notes: number;
  readonly lives: number;
  readonly operations: number;
  readonly records: number;
  readonly faults: ReadonlyMap<string, number>;
}

const SETUP_MS = 120_000;
/** Nobody acts longer than this. */
const STORY_MS = 4 * 86_400_000;
const AUDIT_MS = 600_000;
/** Peers that vanished without a word are given up by then. */
const FORGET_MS = 20 * 60_000;

export async function runStory(plan: Plan, options: StoryOptions = {}): Promise<StoryResult> {
  const { network } = PROFILES[plan.profile];
  const world = new World({
    seed: plan.seed,
    engine: plan.engine,
    isGuarded: plan.isGuarded,
    isLimited: plan.isLimited === true,
    network: plan.hasFaultyConnections ? network : { ...network, faultChance: 0 },
    isTraced: options.isTraced ?? false,
  });
  let violation: Violation | undefined;
  const undecided: string[] = [];
  try {
    await tell(world, plan, undecided);
  } catch (error) {
    violation = unexpected(error);
    world.note("oracle", violation.message);
  } finally {
    await world.end();
  }
  let operations = 0;
  let records = 0;
  for (const stream of world.streams.values()) {
    operations += stream.operations.length;
    records += stream.records.size;
  }
  return {
    hash: world.trace.digest(),
    violation,
    undecided,
    lines: world.trace.lines,
    streams: world.streams,
    simulatedMs: world.clock.monotonic(),
    notes: world.trace.count,
    lives: world.lives,
    operations,
    records,
    faults: world.network.counts,
  };
}

async function tell(world: World, plan: Plan, undecided: string[]): Promise<void> {
  world.network.isCalm = true;
  await world.run(setUp(world, plan), SETUP_MS);
  world.network.isCalm = false;
  const actors = plan.actors.map(
    ({ name, steps }) =>
      new Actor(world, {
        name,
        steps,
        thinkMs: PROFILES[plan.profile].thinkMs,
        maxBodyBytes: PROFILES[plan.profile].maxBodyBytes,
        streams: plan.streams,
      }),
  );
  let isOver = false;
  const acting = Promise.all(
    actors.map((actor, index) => ACTOR_KINDS[kindAt(plan, index)](actor)),
  ).finally(() => {
    isOver = true;
  });
  const trouble = makeTrouble(world, plan.troubles, () => isOver);
  const keeping = keepAlive(world, () => isOver);
  await world.run(firstFailure([acting, trouble, keeping]), STORY_MS);
  world.note("story", "calm");
  world.network.isCalm = true;
  await world.run(comeBack(world), AUDIT_MS);
  const finals = new Map<StreamOracle, FinalState>();
  await world.run(audit(world, plan, finals), AUDIT_MS);
  await world.run(leave(world), AUDIT_MS);
  await world.pass(FORGET_MS);
  world.life?.checkLedger();
  await world.run(world.close(), AUDIT_MS);
  world.checkClients();
  await world.run(world.store.verify(), AUDIT_MS);
  for (const [stream, final] of finals)
    if (checkStream(stream, final) === "undecided") undecided.push(stream.name);
}

function kindAt(plan: Plan, index: number): keyof typeof ACTOR_KINDS {
  return (plan.actors[index] as Plan["actors"][number]).kind;
}

/** All of them, or the first that breaks a promise: the others then wait for nobody. */
async function firstFailure(works: readonly Promise<unknown>[]): Promise<void> {
  await Promise.all(works);
}

async function setUp(world: World, plan: Plan): Promise<void> {
  await world.start();
  const client = world.client("setup", "fetch");
  await client.basins.create({ basin: BASIN });
  for (const stream of plan.streams) {
    const config = { retentionPolicy: { infinite: {} } };
    await client.basin(BASIN).streams.create({ stream, config });
  }
}

/** A server that loses its power once more, and starts without any fault. */
async function comeBack(world: World): Promise<void> {
  world.store.limit(undefined);
  world.isFaulty = true;
  world.kill("power", "reset");
  world.store.restart("kill");
  world.isFaulty = false;
  await world.start();
}

async function audit(
  world: World,
  plan: Plan,
  finals: Map<StreamOracle, FinalState>,
): Promise<void> {
  const client = world.client("audit", "s2s");
  for (const name of [...plan.streams, ...world.ownStreams]) {
    const oracle = world.stream(name);
    const handle = client.basin(BASIN).stream(name);
    const { tail } = await handle.checkTail();
    let first = tail.seqNum;
    let next: number | undefined;
    const session = await handle.readToTail();
    for await (const record of session) {
      if (next === undefined) first = record.seqNum;
      else if (record.seqNum !== next)
        throw new Violation("contiguous", `${name} goes from ${next} to ${record.seqNum}`);
      oracle.sawRecord(record, oracle.trimAcked);
      next = record.seqNum + 1;
    }
    if ((next ?? tail.seqNum) !== tail.seqNum)
      throw new Violation("contiguous", `${name} ends at ${next}, its tail is ${tail.seqNum}`);
    finals.set(oracle, { tail: tail.seqNum, first });
  }
}

async function leave(world: World): Promise<void> {
  await world.closeClients();
}
