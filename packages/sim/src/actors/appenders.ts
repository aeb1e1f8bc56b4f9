// Those who write: one batch at a time, pipelined sessions, a producer of single records, writers
// who race by match_seq_num, and those who fence others out.

import { AppendRecord, type AppendSession } from "@s2kit/client";
import { type AppendAck, S2Error } from "@s2kit/core";
import { Producer } from "@s2kit/producer";
import type { AppendOperation } from "../oracle/operations.js";
import type { AppendPlan, StreamOracle } from "../oracle/stream-oracle.js";
import type { Actor } from "./actor.js";

interface Sendable {
  readonly operation: AppendOperation;
  readonly records: readonly AppendRecord[];
  readonly matchSeqNum: number | undefined;
  readonly fencingToken: string | undefined;
}

function prepare(oracle: StreamOracle, plan: AppendPlan): Sendable {
  const operation = oracle.begin(plan);
  const { command, match, token } = operation;
  const records =
    command === undefined
      ? operation.bodies.map((body) => AppendRecord.string({ body }))
      : [
          command.kind === "fence"
            ? AppendRecord.fence(command.token)
            : AppendRecord.trim(command.seqNum),
        ];
  return { operation, records, matchSeqNum: match, fencingToken: token };
}

/** One batch, and what came of it. */
export async function appendOnce(actor: Actor, plan: Omit<AppendPlan, "actor">): Promise<void> {
  const { handle, oracle } = actor.stream();
  await appendTo(actor, { handle, oracle }, plan);
}

/** @returns the acknowledgement, unless it failed */
export async function appendTo(
  actor: Actor,
  { handle, oracle }: ReturnType<Actor["stream"]>,
  plan: Omit<AppendPlan, "actor">,
  onFailed?: (error: S2Error) => void,
): Promise<AppendAck | undefined> {
  const { operation, ...input } = prepare(oracle, { actor: actor.name, ...plan });
  const what = `append ${operation.id} to ${oracle.name}`;
  actor.note(what);
  let ack: AppendAck | undefined;
  await actor.trying(what, async () => {
    try {
      ack = await handle.append(input);
    } catch (error) {
      onFailed?.(S2Error.from(error));
      oracle.failed(operation, error);
      throw error;
    }
    oracle.acked(operation, ack);
  });
  return ack;
}

/** Batches by single requests. */
export async function unaryAppender(actor: Actor): Promise<void> {
  for (let step = 0; step < actor.settings.steps; step++) {
    await actor.think();
    await appendOnce(actor, { bodies: actor.bodies() });
  }
}

/** Batches by a session, several at once. */
export async function sessionAppender(actor: Actor): Promise<void> {
  for (let left = actor.settings.steps; left > 0; ) {
    const batches = Math.min(left, actor.integer(1, 8));
    left -= batches;
    await actor.think();
    await actor.trying("append session", () => oneSession(actor, batches));
  }
}

async function oneSession(actor: Actor, batches: number): Promise<void> {
  const { handle, oracle } = actor.stream();
  const session = await handle.appendSession({ maxInflightBatches: actor.integer(1, 8) });
  const settled: Promise<void>[] = [];
  try {
    const group = oracle.tick();
    // One that is refused in the middle: nothing behind it may take effect.
    const refused = actor.chance(0.15) ? actor.integer(0, batches - 1) : undefined;
    for (let batch = 0; batch < batches; batch++) {
      const token = batch === refused ? "nobody's" : undefined;
      settled.push(
        submit(actor, session, oracle, { bodies: actor.bodies(), session: group, token }),
      );
      if (actor.chance(0.4)) await actor.think(20);
      if (session.failureCause() !== undefined) break;
    }
    if (actor.chance(0.1)) session.abort();
    else await session.close();
  } finally {
    session.abort();
    await Promise.all(settled);
  }
}

export async function submit(
  actor: Actor,
  session: Pick<AppendSession, "submit">,
  oracle: StreamOracle,
  plan: Omit<AppendPlan, "actor">,
): Promise<void> {
  const { operation, ...input } = prepare(oracle, { actor: actor.name, ...plan });
  actor.note(`submit ${operation.id} to ${oracle.name}`);
  await actor.trying(`submit ${operation.id}`, async () => {
    let ack: AppendAck;
    try {
      ack = await (await session.submit(input)).ack();
    } catch (error) {
      oracle.failed(operation, error);
      throw error;
    }
    oracle.acked(operation, ack);
  });
}

/** Single records by a producer; each is an append of its own to the oracle. */
export async function producing(actor: Actor): Promise<void> {
  await actor.think();
  await actor.trying("producer", async () => {
    const { handle, oracle } = actor.stream();
    const producer = new Producer(
      await handle.appendSession(),
      { lingerDurationMillis: actor.integer(0, 5), maxBatchRecords: actor.integer(1, 5) },
      { clock: actor.world.clock },
    );
    const settled: Promise<void>[] = [];
    try {
      for (let record = 0; record < actor.settings.steps * 2; record++) {
        settled.push(produce(actor, producer, oracle));
        if (actor.chance(0.3)) await actor.think(20);
      }
      await producer.close();
    } finally {
      producer.abort();
      await Promise.all(settled);
    }
  });
}

export async function produce(
  actor: Actor,
  producer: Producer,
  oracle: StreamOracle,
): Promise<void> {
  const { operation, records } = prepare(oracle, { actor: actor.name, bodies: [actor.body()] });
  await actor.trying(`record ${operation.id}`, async () => {
    try {
      const ticket = await producer.submit(records[0] as AppendRecord);
      const indexed = await ticket.ack();
      const seqNum = indexed.seqNum();
      const { start, end, tail } = indexed.batchAppendAck();
      oracle.acked(operation, {
        start: { seqNum, timestamp: start.timestamp },
        end: { seqNum: seqNum + 1, timestamp: end.timestamp },
        tail,
      });
    } catch (error) {
      oracle.failed(operation, error);
      throw error;
    }
  });
}

/** Races with others by match_seq_num, and learns where the tail is from being refused. */
export async function casWriter(actor: Actor): Promise<void> {
  for (let step = 0; step < actor.settings.steps; step++) {
    await actor.think();
    const target = actor.stream();
    const guess = actor.chance(0.8) ? target.oracle.shownTail : actor.integer(0, 20);
    const ack = await appendTo(actor, target, { bodies: actor.bodies(), match: guess });
    if (ack === undefined || actor.chance(0.5)) continue;
    await appendTo(actor, target, { bodies: actor.bodies(), match: ack.tail.seqNum });
  }
}

/** Sets fencing tokens and writes under them. */
export async function fencer(actor: Actor): Promise<void> {
  for (let step = 0; step < actor.settings.steps; step++) {
    await actor.think();
    const target = actor.stream();
    const token = `${actor.name}-${step}`;
    const match = actor.chance(0.3) ? target.oracle.shownTail : undefined;
    const set = await appendTo(actor, target, { command: { kind: "fence", token }, match });
    if (set === undefined) continue;
    for (let batch = actor.integer(0, 2); batch > 0; batch--)
      await appendTo(actor, target, { bodies: actor.bodies(2), token });
    if (actor.chance(0.3)) await appendTo(actor, target, { bodies: ["x"], token: "someone-else" });
  }
}

/** Trims what is old. */
export async function trimmer(actor: Actor): Promise<void> {
  for (let step = 0; step < actor.settings.steps; step++) {
    await actor.think();
    const target = actor.stream();
    const { shownTail } = target.oracle;
    if (shownTail === 0) continue;
    const seqNum = actor.chance(0.1) ? shownTail : actor.integer(0, shownTail);
    await appendTo(actor, target, { command: { kind: "trim", seqNum } });
  }
}
