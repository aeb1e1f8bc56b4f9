// The order in which an upgrade makes its steps durable, so that a crash between any two leaves
// what the next start goes on from. Tests pass other orders in, to show that crash histories
// notice.

import type { StateChange, StateStore } from "../../log/state-store.js";

/** The file FORMAT of the directory that is upgraded. */
export interface FormatMark {
  /** It says that an upgrade has begun. */
  readonly isBegun: boolean;
  /** Makes it say so: older versions refuse the directory from then on. */
  begin(): Promise<void>;
  /** Makes it say that the directory is of the new format. */
  finish(): Promise<void>;
}

export interface UpgradeOrder {
  /** Called before the first entry is changed. */
  begin(format: FormatMark): Promise<void>;
  /** @param cursor - says up to where the upgrade is done: up to the end of the slice */
  writeSlice(store: StateStore, slice: readonly StateChange[], cursor: StateChange): Promise<void>;
}

export const STRICT_UPGRADE: UpgradeOrder = {
  async begin(format) {
    if (!format.isBegun) await format.begin();
  },
  writeSlice: (store, slice, cursor) => store.write([...slice, cursor]),
};
