// Those on whose streams the server acts by itself: records that grow too old, streams that are
// empty for too long. Each knows what the server may take, when it must not, and when it must have.

import type { S2Stream } from "@s2kit/client";
import { RangeNotSatisfiableError, S2Error, sleep } from "@s2kit/core";
import { Expiry } from "../oracle/expiry.js";
import type { StreamOracle } from "../oracle/stream-oracle.js";
import { Violation } from "../oracle/violation.js";
import { type Actor, BASIN, persist } from "./actor.js";
import { appendTo } from "./appenders.js";

interface Target {
  readonly handle: S2Stream;
  readonly oracle: StreamOracle;
}

const SECOND = 1000;
/** The server looks every minute, more or less, and at one stream every half minute at most. */
const SOON_MS = 180 * SECOND;
const LOOK_MS = 30 * SECOND;
/** It is late by then, whatever was in its way. */
const LATE_MS = 1200 * SECOND;

/** Fills a stream whose records age, and changes how old they may become, also while some go. */
export async function ager(actor: Actor): Promise<void> {
  const { clock, walls } = actor.world;
  const name = `own-${actor.name}`;
  const { streams } = actor.client.basin(BASIN);
  const ageSecs = actor.integer(20, 90);
  const config = { retentionPolicy: { ageSecs } };
  if (!(await persist(actor, () => streams.ensure({ stream: name, config })))) return;
  actor.world.ownStreams.add(name);
  const handle = actor.client.basin(BASIN).stream(name);
  const oracle = actor.world.stream(name);
  const now = (): number => clock.monotonic();
  const expiry = new Expiry(
    { now, mostSince: (fromMs) => walls.mostSince(fromMs, now()) },
    ageSecs * SECOND,
  );
  oracle.expiry = expiry;
  for (let step = 0; step < actor.settings.steps; step++) {
    await actor.think();
    await appendTo(actor, { handle, oracle }, { bodies: actor.bodies() });
    if (actor.chance(0.5)) continue;
    await actor.think(ageSecs * SECOND);
    await look(actor, { handle, oracle });
  }
  if (actor.chance(0.6)) await waver(actor, { handle, oracle }, expiry, ageSecs);
  else await untilExpired(actor, { handle, oracle }, ageSecs);
}

/** Sees where the stream begins: what is gone must be old enough, and stays away. */
async function look(actor: Actor, { handle, oracle }: Target): Promise<void> {
  await actor.trying(`first of ${oracle.name}`, async () => {
    const { tail } = await handle.checkTail();
    let first = tail.seqNum;
    try {
      const { records } = await handle.read({
        start: { from: { seqNum: 0 } },
        stop: { limits: { count: 1 } },
      });
      first = records[0]?.seqNum ?? first;
    } catch (error) {
      if (!(error instanceof RangeNotSatisfiableError)) throw error;
      first = error.tail.seqNum;
    }
    oracle.sawFirst(first);
  });
}

/** Between the old policy and none at all, around the moments when records go. */
async function waver(actor: Actor, target: Target, expiry: Expiry, ageSecs: number): Promise<void> {
  const { streams } = actor.client.basin(BASIN);
  const stream = target.oracle.name;
  await sleep(actor.world.clock, ageSecs * SECOND);
  for (let change = 0; change < 24; change++) {
    await actor.think(8 * SECOND);
    const isLast = change === 23;
    const isEndless = isLast || change % 2 === 0;
    const ageMs = isEndless ? Number.POSITIVE_INFINITY : ageSecs * SECOND;
    const retentionPolicy = isEndless ? { infinite: {} } : { ageSecs };
    expiry.asked(ageMs);
    const isDone = await actor.trying(`reconfigure ${stream}`, () =>
      streams.reconfigure({ stream, retentionPolicy }),
    );
    if (isDone) expiry.acknowledged(ageMs);
    await look(actor, target);
  }
}

/** Nothing is written any more: what there is must go, before long. */
async function untilExpired(actor: Actor, target: Target, ageSecs: number): Promise<void> {
  const { clock, walls } = actor.world;
  const since = clock.monotonic();
  await sleep(clock, ageSecs * SECOND + SOON_MS);
  for (let waitedMs = SOON_MS; waitedMs < LATE_MS; waitedMs += LOOK_MS) {
    await look(actor, target);
    if (target.oracle.trimAcked >= target.oracle.shownTail) return;
    await sleep(clock, LOOK_MS);
  }
  if (!walls.hasMovedSince(0))
    throw new Violation("trimmed", `${target.oracle.name} keeps what is old since ${since}`);
}

/** Answers of a stream that is going or gone. */
const GONE: readonly string[] = ["stream_not_found", "stream_deletion_pending"];

/** Empties streams that may not stay empty, and comes back to some of them in time or too late. */
export async function emptier(actor: Actor): Promise<void> {
  const { streams } = actor.client.basin(BASIN);
  const stream = `own-${actor.name}`;
  const handle = actor.client.basin(BASIN).stream(stream);
  for (let life = 0; life < Math.max(1, actor.settings.steps / 4); life++) {
    await actor.think();
    // It is empty from its first moment on, should the first records not come.
    const since = actor.world.clock.monotonic();
    const minAgeSecs = actor.integer(20, 90);
    const config = { retentionPolicy: { infinite: {} }, deleteOnEmpty: { minAgeSecs } };
    const oracle = actor.world.stream(`${stream}#${life}`);
    if (!(await persist(actor, () => streams.ensure({ stream, config })))) return;
    await appendTo(actor, { handle, oracle }, { bodies: actor.bodies() });
    if (!(await empty(actor, { handle, oracle }, minAgeSecs, since))) return;
    if (!(await persist(actor, () => streams.delete({ stream, ignoreNotFound: true })))) return;
    if (!(await isGoneSoon(actor, stream))) return;
  }
}

/** @returns false when it could not be seen what became of the stream */
async function empty(
  actor: Actor,
  target: Target,
  minAgeSecs: number,
  since: number,
): Promise<boolean> {
  const { clock, walls } = actor.world;
  const { oracle } = target;
  const at = await tailOf(actor, target);
  // A trim may take its own record.
  const command = { kind: "trim", seqNum: at + 1 } as const;
  const trimmed = await appendTo(actor, target, { command, match: at });
  if (trimmed === undefined) return true;
  if (actor.chance(0.35)) {
    await sleep(clock, minAgeSecs * SECOND + SOON_MS);
    if (await isGoneSoon(actor, `own-${actor.name}`)) return true;
    if (!walls.hasMovedSince(0)) throw new Violation("deleted", `${oracle.name} stays, empty`);
    return false;
  }
  await actor.think(2 * minAgeSecs * SECOND);
  let refusal: S2Error | undefined;
  const revived = await appendTo(actor, target, { bodies: actor.bodies() }, (error) => {
    refusal = error;
  });
  if (refusal !== undefined && GONE.includes(refusal.code)) {
    if (walls.mostSince(since, clock.monotonic()) < minAgeSecs * SECOND)
      throw new Violation("durable", `${oracle.name} went before its time`);
    return true;
  }
  if (revived !== undefined) await staysFilled(actor, target, minAgeSecs);
  return true;
}

async function tailOf(actor: Actor, { handle }: Target): Promise<number> {
  let seqNum = 0;
  await persist(actor, async () => {
    ({
      tail: { seqNum },
    } = await handle.checkTail());
  });
  return seqNum;
}

/** A stream with a record stays, however long it had been empty before. */
async function staysFilled(actor: Actor, target: Target, minAgeSecs: number): Promise<void> {
  const { handle, oracle } = target;
  await sleep(actor.world.clock, minAgeSecs * SECOND + SOON_MS);
  await persist(actor, async () => {
    try {
      let tail = 0;
      for await (const record of await handle.readToTail()) {
        oracle.sawRecord(record, oracle.trimAcked);
        tail = record.seqNum + 1;
      }
      if (tail < oracle.shownTail)
        throw new Violation("durable", `${oracle.name} ends at ${tail}, not ${oracle.shownTail}`);
    } catch (error) {
      if (error instanceof S2Error && GONE.includes(error.code))
        throw new Violation("durable", `${oracle.name} went although it has records`);
      throw error;
    }
  });
}

/** Whether the name is free within a while. */
async function isGoneSoon(actor: Actor, stream: string): Promise<boolean> {
  const { clock } = actor.world;
  const { streams } = actor.client.basin(BASIN);
  for (let waitedMs = 0; waitedMs < LATE_MS; waitedMs += LOOK_MS / 6) {
    let isThere = true;
    await actor.trying(`look for ${stream}`, async () => {
      const { streams: found } = await streams.list({ prefix: stream });
      isThere = found.some(({ name }) => name === stream);
    });
    if (!isThere) return true;
    await sleep(clock, LOOK_MS / 6);
  }
  return false;
}
