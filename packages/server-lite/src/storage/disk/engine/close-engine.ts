// How an engine ends: what was accepted is written while the disk makes progress, then files, state
// and lock are given back. It always ends: a disk that hangs is left to itself, and the directory
// stays locked until that gives back what it has.

import { isSettledWithin } from "../../../waiting/settled-within.js";
import { storageError } from "../../durability.js";
import type { ReadsUnderWay } from "../../reading/reads-under-way.js";
import type { EngineComponents } from "./engine-components.js";

/** Patience with a disk that takes no change any more, before a close ends without it. */
const HUNG_MS = 60_000;

/** The engine that ends, as far as its end is concerned. */
export interface ClosingEngine {
  readonly failure: Error | undefined;
  /** Fails whoever waits for a commit. */
  fail(cause: Error): void;
}

/**
 * Ends an engine that accepts nothing any more. Commits that make no progress fail after the grace
 * period.
 *
 * @param isClean - it did not fail: the whole log is to be left applied
 */
export async function closeEngine(
  components: EngineComponents,
  engine: ClosingEngine,
  reads: ReadsUnderWay,
  isClean: boolean,
): Promise<void> {
  const finished = finish(components, engine, isClean);
  await whileProgressing(components, engine, finished);
  const freed = finished.then(() => free(components, reads));
  if (await isSettledWithin(components.clock, freed, HUNG_MS)) await freed;
}

/** Writes what was accepted, and leaves the whole log applied. */
async function finish(
  { writer, builder, maintenance }: EngineComponents,
  engine: ClosingEngine,
  isClean: boolean,
): Promise<void> {
  await writer.drained();
  await maintenance.close({ checkpoint: isClean && engine.failure === undefined });
  if (!isClean || engine.failure !== undefined) return;
  // Says that the last group is durable: damage to it is then told from an unfinished write.
  await writer.drained();
  writer.enqueue(builder.sealEmpty());
  await writer.drained();
}

async function whileProgressing(
  { clock, closeGraceMs, durability, writer, files, lock }: EngineComponents,
  engine: ClosingEngine,
  finished: Promise<void>,
): Promise<void> {
  let { changes } = lock;
  let movedMs = clock.monotonic();
  for (;;) {
    const { position } = durability;
    if (await isSettledWithin(clock, finished, closeGraceMs)) return;
    // Without a commit that waits, it is upkeep that is at work: a large checkpoint takes
    // minutes.
    const isStuck = !writer.isIdle && durability.position === position;
    if (lock.changes !== changes) movedMs = clock.monotonic();
    ({ changes } = lock);
    if (!isStuck && clock.monotonic() - movedMs < HUNG_MS) continue;
    const cause = files.fullCause;
    const why = cause === undefined ? "the disk does not answer" : `cause=${cause.message}`;
    engine.fail(
      storageError(`the store was closed before the disk took its commits ${why}`, cause),
    );
    writer.abandon();
    return;
  }
}

async function free(components: EngineComponents, reads: ReadsUnderWay): Promise<void> {
  const { writer, durability, tables, extents, files, lock } = components;
  durability.fail(storageError("the store is closed"));
  await reads.done();
  try {
    await tables.store.close();
    await extents.close();
    await files.close();
  } finally {
    // Nobody else may have the directory while a write of ours is under way.
    await writer.settled;
    await lock.release();
  }
}
