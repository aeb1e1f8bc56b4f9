// Those who write alone, on streams of their own, and let their clients send again what has no
// answer: each batch with its place, so that it is there once, or without, so that it may be there
// twice.

import { Producer } from "@s2kit/producer";
import { type Actor, BASIN, persist } from "./actor.js";
import { produce, submit } from "./appenders.js";

/**
 * A session on a stream of one's own, each batch with its place: the client may then send again
 * what has no answer, and each batch must be there exactly once.
 */
export async function chainWriter(actor: Actor): Promise<void> {
  await onOwnStream(actor, async ({ handle, oracle }, next) => {
    const session = await handle.appendSession({ maxInflightBatches: actor.integer(1, 6) });
    const settled: Promise<void>[] = [];
    let match = next;
    try {
      for (let batch = actor.integer(2, 10); batch > 0; batch--) {
        const bodies = actor.bodies();
        settled.push(submit(actor, session, oracle, { bodies, match }));
        match += bodies.length;
        if (actor.chance(0.5)) await actor.think(50);
        if (session.failureCause() !== undefined) break;
      }
      await session.close();
    } finally {
      session.abort();
      await Promise.all(settled);
    }
  });
}

/**
 * A session whose client sends everything again that has no answer: batches may be there twice, but
 * never out of order.
 */
export async function repeater(actor: Actor): Promise<void> {
  let session = 0;
  await onOwnStream(actor, async ({ handle, oracle }) => {
    oracle.allowsRepeats = true;
    session++;
    const opened = await handle.appendSession({ maxInflightBatches: actor.integer(2, 6) });
    const settled: Promise<void>[] = [];
    try {
      for (let batch = actor.integer(4, 12); batch > 0; batch--) {
        settled.push(submit(actor, opened, oracle, { bodies: actor.bodies(), session }));
        if (actor.chance(0.3)) await actor.think(50);
        if (opened.failureCause() !== undefined) break;
      }
      await opened.close();
    } finally {
      opened.abort();
      await Promise.all(settled);
    }
  });
}

/** As the chain, by a producer, which counts the places itself. */
export async function chainProducer(actor: Actor): Promise<void> {
  await onOwnStream(actor, async ({ handle, oracle }, next) => {
    const producer = new Producer(
      await handle.appendSession(),
      { lingerDurationMillis: actor.integer(0, 5), maxBatchRecords: 3, matchSeqNum: next },
      { clock: actor.world.clock },
    );
    const settled: Promise<void>[] = [];
    try {
      for (let record = actor.integer(4, 20); record > 0; record--) {
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

async function onOwnStream(
  actor: Actor,
  work: (target: ReturnType<Actor["stream"]>, next: number) => Promise<void>,
): Promise<void> {
  const name = `own-${actor.name}`;
  const client = actor.world.client(`${actor.name}/again`, actor.carrier, undefined, "all");
  const basin = client.basin(BASIN);
  const handle = basin.stream(name);
  const oracle = actor.world.stream(name);
  oracle.isExclusive = true;
  const config = { retentionPolicy: { infinite: {} } };
  if (!(await persist(actor, () => basin.streams.ensure({ stream: name, config })))) return;
  actor.world.ownStreams.add(name);
  for (let step = 0; step < actor.settings.steps; step += 3) {
    await actor.think();
    let next = 0;
    // What has no answer may still come: who writes next asks where.
    if (
      !(await persist(
        actor,
        async () =>
          void ({
            tail: { seqNum: next },
          } = await handle.checkTail()),
      ))
    )
      return;
    await actor.trying("chain", () => work({ handle, oracle }, next));
  }
}
