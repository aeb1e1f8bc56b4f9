// Who serves a store together, as one of them sees it: who lives, who is on its way out, where each
// is reached. The waist between what a cluster does and how it knows: above it nobody knows what a
// lease is. A guess by its nature: whoever acts on it must be safe when it is wrong.

import type { Owner } from "../format/manifest-entry.js";

/** A process that lives, as far as the last look shows. */
export interface Member extends Owner {
  /** Where other nodes reach it. */
  readonly url: string;
  /** A draining one takes no shard, and gives its own away. */
  readonly state: "draining" | "up";
  /** What it said it serves, a moment ago: no proof of anything, and no word about the others. */
  readonly shards: readonly number[];
}

export interface Membership {
  readonly self: Owner;
  /** While this is false, this process may be the one that is cut off: it judges nobody. */
  readonly isSure: boolean;
  /** Itself among them; as of the last look. Empty before the first one. */
  readonly living: readonly Member[];
  /** Ms between two looks that are worth while. */
  readonly lookEveryMs: number;
  /** Looks anew, together with whoever looks now. */
  look(): Promise<void>;
}
