// Opens the state store of a directory in the format of this version, and upgrades an older one in
// place. The order is what makes it safe: FORMAT says first that an upgrade has begun, which every
// older version refuses as newer; then the entries change; FORMAT says last that it is done. Any
// step may be the last one of a process: the next start goes on with it.

import { S2Error } from "@s2kit/core";
import { storageError } from "../../durability.js";
import type { StateStore } from "../../log/state-store.js";
import type { Disk, DiskLock } from "../medium/disk.js";
import { replaceFormat, STORE_FORMAT_VERSION, type StoreFormat } from "../medium/format-file.js";
import { leasedStateStore } from "../medium/leased-disk.js";
import { openLmdbStateStore, requireLmdbFile, requireLmdbRoom } from "./lmdb-state-store.js";
import {
  type BareState,
  isEmptyState,
  olderState,
  readStateFormat,
  STATE_FORMAT_VERSION,
  type StateFormat,
  stateFormatChange,
  viewState,
} from "./state-format.js";
import type { UpgradeOrder } from "./upgrade-order.js";
import { requireFormat1, type UpgradeProgress, upgradeState } from "./upgrade-state.js";

export interface StateOptions {
  readonly disk: Disk;
  readonly lock: DiskLock;
  /** Data directory of the store as a whole. */
  readonly directory: string;
  readonly format: StoreFormat;
  /** Default: LMDB */
  readonly openState?: ((directory: string) => StateStore | Promise<StateStore>) | undefined;
  readonly sliceEntries?: number | undefined;
  readonly onProgress?: ((progress: UpgradeProgress) => void) | undefined;
  readonly order: UpgradeOrder;
}

/**
 * @throws {S2Error} `storage` when the state is damaged, missing, or does not belong to the
 *   directory
 */
export async function openState(options: StateOptions): Promise<StateStore> {
  const { directory, format } = options;
  const path = `${directory}/state`;
  const bare = leasedStateStore(await openBare(options, path), options.lock);
  const state: BareState = { bare, storeKey: format.storeKey, path };
  try {
    const isOld = format.version < STORE_FORMAT_VERSION || format.upgradedFrom !== undefined;
    const known = readStateFormat(state);
    if (isOld) await upgrade(options, state, known);
    else if (known === undefined) await begin(options, state);
    else if (known.after !== undefined) throw olderState(path);
    return viewState(state, { version: STATE_FORMAT_VERSION });
  } catch (error) {
    await bare.close();
    throw error;
  }
}

async function upgrade(
  options: StateOptions,
  state: BareState,
  known: StateFormat | undefined,
): Promise<void> {
  const { disk, directory, format, order } = options;
  const done = { ...format, version: STORE_FORMAT_VERSION, upgradedFrom: undefined };
  const isBegun = format.upgradedFrom !== undefined;
  // Also of a FORMAT from a copy, laid over a state that is newer than it.
  if (!isBegun && known === undefined) await requireFormat1(state);
  const begun = { ...done, upgradedFrom: format.version };
  const finish = () => replaceFormat(disk, directory, done);
  await order.begin({ isBegun, begin: () => replaceFormat(disk, directory, begun), finish });
  await upgradeState({ ...options, ...state }).catch((error: unknown) => {
    if (error instanceof S2Error) throw error;
    throw storageError(
      `the upgrade of the data directory stopped, what is done is kept: free some space if there is none, and start again to go on file=${state.path} cause=${String(error)}`,
      error,
    );
  });
  await finish();
}

async function openBare(options: StateOptions, path: string): Promise<StateStore> {
  try {
    if (options.openState !== undefined) return await options.openState(path);
    await requireLmdbFile(options.disk, path);
    await requireLmdbRoom(options.disk, path);
    return await openLmdbStateStore(path);
  } catch (error) {
    if (error instanceof S2Error) throw error;
    throw storageError(
      `the state store cannot be opened file=${path} cause=${String(error)}`,
      error,
    );
  }
}

/** The first entry of a new store, before anything can be in its log. */
async function begin({ disk, directory }: StateOptions, state: BareState): Promise<void> {
  if (!isEmptyState(state)) throw olderState(state.path);
  if ((await disk.list(`${directory}/wal`)).length > 0)
    throw storageError(
      `the state store is missing, and the log is not: restore the directory from a copy file=${state.path}`,
    );
  // A library made the folder and its file: nobody knows whether it synced their names.
  for (const path of [state.path, directory]) await disk.syncDirectory(path);
  await state.bare.write([stateFormatChange(state.storeKey, { version: STATE_FORMAT_VERSION })]);
}
