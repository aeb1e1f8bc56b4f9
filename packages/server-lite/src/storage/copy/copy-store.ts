// Copies a store that nobody serves into an empty one, whatever the media, and proves the copy:
// marks the target as unfinished, copies, opens the target anew, compares all of it, and only then
// takes the mark away. A copy that was cut short at any moment goes on when it is run again.

import type { Clock } from "@s2kit/core";
import { storageError } from "../durability.js";
import { type CompareComponents, compareStores, type StoreComparison } from "./compare-stores.js";
import type { CopiedStore, CopyProgress } from "./copied-store.js";
import { ContentCopy } from "./copy-content.js";
import { TargetWriter } from "./target-writer.js";
import { type CopySource, copySourceOf, markOf, requireWhole, UNMARK } from "./unfinished-copy.js";

export interface CopyComponents {
  readonly clock: Clock;
  /** Opens the target: before the copy, before the proof. */
  readonly openTarget: () => Promise<CopiedStore>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
}

type Counts = Omit<StoreComparison, "differences" | "differenceCount">;

/** What was copied and proven. */
export interface StoreCopy extends Counts {
  /** Records that an earlier run had not copied already. */
  readonly copiedRecords: number;
  /** An earlier run of the same copy had begun. */
  readonly isResumed: boolean;
}

/**
 * @param source - opened by its owner, who closes it; nothing is committed to it
 * @throws {S2Error} `storage` when the target has another content, the source has changed since an
 *   earlier run, one of them fails, or they are not the same in the end; `ABORTED`
 */
export async function copyOpenStore(
  source: CopiedStore,
  components: CopyComponents,
): Promise<StoreCopy> {
  requireWhole(source);
  const { openTarget, signal, clock, onProgress = () => undefined } = components;
  const from: CopySource = { storeKey: source.storeKey, position: source.durable };
  const watch = { signal, onProgress };
  const copied = await withStore(openTarget, async (target) => {
    if (isFinished(target)) return { finished: await requireSame(source, target, watch) };
    const isBegun = requireTarget(target, from);
    const writer = new TargetWriter(target, clock, signal);
    if (!isBegun) await writer.commit([markOf(from)], 0);
    // Nothing but a marked store ever has a part of the content.
    await writer.drain();
    const copy = new ContentCopy(source, writer, onProgress);
    await copy.run();
    return { isResumed: isBegun, copiedRecords: copy.copiedRecords };
  });
  if (copied.finished !== undefined)
    return { ...copied.finished, isResumed: true, copiedRecords: 0 };
  return await withStore(openTarget, async (target) => {
    const compared = await compareStores(source, target, watch);
    const { differences, differenceCount, ...counts } = compared;
    if (differenceCount > 0)
      throw storageError(
        `the copy differs from its source: remove it, and begin anew differences=${differenceCount}: ${differences.join("; ")}`,
      );
    await target.whenDurable(target.commit([UNMARK]).position);
    const { isResumed, copiedRecords } = copied;
    return { ...counts, isResumed, copiedRecords };
  });
}

/** Whether it has a content that no copy is at work on. */
function isFinished(target: CopiedStore): boolean {
  const isEmpty =
    target.allStreams().next().done === true &&
    target.scanMeta({ prefix: new Uint8Array(0), limit: 1 }).length === 0;
  return !isEmpty && copySourceOf(target) === undefined;
}

/** Whoever runs a copy again that was killed behind its last commit is told that it is done. */
async function requireSame(
  source: CopiedStore,
  target: CopiedStore,
  watch: CompareComponents,
): Promise<Counts> {
  const compared = await compareStores(source, target, { ...watch, stopsEarly: true });
  const { differences, differenceCount, ...counts } = compared;
  if (differenceCount === 0) return counts;
  throw storageError(
    `the target has another store already: copy into an empty place, or remove it; first difference: ${differences[0]}`,
  );
}

/** @returns whether an earlier run of this copy has begun it */
function requireTarget(target: CopiedStore, { storeKey, position }: CopySource): boolean {
  const begun = copySourceOf(target);
  if (begun === undefined) return false;
  if (begun.storeKey !== storeKey)
    throw storageError(
      "the target has an unfinished copy of another store: finish that, or remove it",
    );
  if (begun.position !== position)
    throw storageError(
      `the source has changed since the copy was begun: remove the copy, and begin anew begun=${begun.position} now=${position}`,
    );
  return true;
}

async function withStore<T>(
  open: () => Promise<CopiedStore>,
  use: (store: CopiedStore) => Promise<T>,
): Promise<T> {
  const store = await open();
  let result: T;
  try {
    result = await use(store);
  } catch (error) {
    await store.close();
    throw error;
  }
  await store.close();
  // A close that could not write what was acknowledged to nobody yet says so here.
  if (store.failure !== undefined) throw store.failure;
  return result;
}
