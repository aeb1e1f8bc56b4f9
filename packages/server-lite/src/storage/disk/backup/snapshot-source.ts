// Where a backup is copied from: a directory that a server uses, by its snapshot desk, or one that
// no server uses, which is held meanwhile. Both give a plan, the entries of the state, and the word
// that the files stayed until they were copied.

import type { SnapshotPlan } from "./plan.js";

export interface SnapshotSource {
  /** Whether a server goes on with the directory meanwhile. */
  readonly isOnline: boolean;
  readonly plan: SnapshotPlan;
  /** The state as bytes of `entry-bytes`, in chunks; read it to its end before anything else. */
  readonly state: AsyncIterable<Uint8Array>;
  /** The log is copied. */
  releaseLog(): void;
  /** All is copied. @throws {S2Error} `storage` when files may have changed meanwhile */
  finish(): Promise<void>;
  /** Gives the directory back; idempotent. */
  close(): Promise<void>;
}
