// How rows and extents name a data object: as one number, as they name a data file on a disk. The
// epoch is in it, so that no owner uses the number of another. Pure.

import { assert } from "@s2kit/core";
import type { NumberedName } from "./names.js";

/** Numbers of one epoch: eight digits of the key. */
const NUMBERS_PER_EPOCH = 10 ** 8;
/** Epochs whose data objects have a number that is exact. */
export const MAX_DATA_EPOCH: number = Math.floor(Number.MAX_SAFE_INTEGER / NUMBERS_PER_EPOCH) - 1;

/**
 * @throws {InvariantError} when the epoch has used up its numbers, or is beyond all that can have
 * any
 */
export function fileIdOf(epoch: number, number: number): number {
  assert(
    epoch >= 1 && epoch <= MAX_DATA_EPOCH,
    "the number of a data object has room for its epoch",
  );
  assert(number >= 0 && number < NUMBERS_PER_EPOCH, "an epoch has numbers for its data objects");
  return epoch * NUMBERS_PER_EPOCH + number;
}

/** The object that has this number; undefined when none can. */
export function dataNameOf(shard: number, fileId: number): NumberedName | undefined {
  const epoch = Math.floor(fileId / NUMBERS_PER_EPOCH);
  if (!Number.isSafeInteger(fileId) || epoch < 1 || epoch > MAX_DATA_EPOCH) return undefined;
  return { kind: "data", shard, epoch, number: fileId % NUMBERS_PER_EPOCH };
}
