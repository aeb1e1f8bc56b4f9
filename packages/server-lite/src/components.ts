// What a server is given rather than told: time, chance, a store that is open already, a logger.
// Each has a default, so that tests replace only what they are about.

import { type Clock, type Random, systemClock, systemRandom } from "@s2kit/core";
import type { Storage } from "./storage/storage.js";

/** The part of a logger that the server uses; a pino logger fits. */
export interface ServerLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** One that drops lines rather than hold up the server: the metrics page shows how many. */
export interface CountingLogger extends ServerLogger {
  /** Lines that could not be written, since the start. */
  readonly droppedLines: number;
}

export interface ServerComponents {
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** An open engine instead of the one that the settings name; closed with the server. */
  readonly storage?: Storage | undefined;
  /** Default: none. */
  readonly logger?: ServerLogger | undefined;
}

export interface ResolvedComponents {
  readonly clock: Clock;
  readonly random: Random;
  readonly storage: Storage | undefined;
  readonly logger: ServerLogger;
  /** False when nobody was given to listen: then nothing is prepared for the log. */
  readonly isLogging: boolean;
}

const silent: ServerLogger = { info: ignore, warn: ignore, error: ignore };

export function resolveComponents(components: ServerComponents): ResolvedComponents {
  return {
    clock: components.clock ?? systemClock,
    random: components.random ?? systemRandom,
    storage: components.storage,
    logger: components.logger ?? silent,
    isLogging: components.logger !== undefined,
  };
}

/** Lines that the logger could not write, as far as it counts them. */
export function droppedLinesOf(logger: ServerLogger | CountingLogger): number {
  return "droppedLines" in logger ? logger.droppedLines : 0;
}

function ignore(): void {
  return undefined;
}
