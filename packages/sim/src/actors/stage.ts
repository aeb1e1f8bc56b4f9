// What actors need of where they act: a clock, chance, clients, and what the oracle knows of each
// stream. A simulated world is one, a server in a process of its own can be another.

import type { S2 } from "@s2kit/client";
import type { Clock, Random } from "@s2kit/core";
import type { StreamOracle } from "../oracle/stream-oracle.js";
import type { Violation } from "../oracle/violation.js";
import type { Carrier } from "../world/carrier.js";
import type { WallTimes } from "../world/wall-times.js";

/** How a connection ends, or stops, without its client's doing. */
export type Strike = "reset" | "half-open" | "deaf" | "mute" | "end";

export interface Stage {
  readonly clock: Clock;
  /** How far the wall clock of the server was moved, and when. */
  readonly walls: WallTimes;
  /** Those that one actor made for himself, and that stay. */
  readonly ownStreams: Set<string>;
  readonly network: { strikeNewest(fault: Strike): void };
  /** Chance for one purpose. */
  randomOf(name: string): Random;
  note(who: string, what: string): void;
  stream(name: string): StreamOracle;
  /** What is found while nobody waits for it. */
  fail(violation: Violation): void;
  /**
   * @param accessToken - default: one that may do everything
   * @param retry - what a client may send again: `all` may double, unless each batch names its
   *   place
   */
  client(name: string, carrier: Carrier, accessToken?: string, retry?: "all" | "noSideEffects"): S2;
}
