// What a server is given rather than told: time, chance, a store that is open already, a logger.
// Each has a default, so that tests replace only what they are about.

import { type Clock, type Random, systemClock, systemRandom } from "@s2kit/core";
import type { Storage } from "./storage/storage.js";
import type { ServerLogger } from "./telemetry/server-logger.js";
import type { ServerObserver } from "./telemetry/server-observer.js";

/** Replaceable parts of a server. */
export interface ServerComponents {
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /**
   * An open engine instead of the one that the settings name, or one for each shard of a store, in
   * their order; closed with the server.
   */
  readonly storage?: Storage | readonly Storage[] | undefined;
  /** Default: none. */
  readonly logger?: ServerLogger | undefined;
  /** Watches requests and appends. Default: nobody. */
  readonly observer?: ServerObserver | undefined;
}

export interface ResolvedComponents {
  readonly clock: Clock;
  readonly random: Random;
  readonly storage: readonly Storage[] | undefined;
  readonly logger: ServerLogger;
  readonly observer: ServerObserver | undefined;
  /** False when nobody was given to listen: then nothing is prepared for the log. */
  readonly isLogging: boolean;
}

const silent: ServerLogger = { info: ignore, warn: ignore, error: ignore };

export function resolveComponents(components: ServerComponents): ResolvedComponents {
  return {
    clock: components.clock ?? systemClock,
    random: components.random ?? systemRandom,
    storage: components.storage === undefined ? undefined : [components.storage].flat(),
    logger: components.logger ?? silent,
    observer: components.observer,
    isLogging: components.logger !== undefined,
  };
}

function ignore(): void {
  return undefined;
}
