// What is behind a server's port, as the server holds it, and what it gives to whoever puts that
// together. Types only.

import type { ResolvedComponents } from "./components.js";
import type { BodyGuard } from "./exchange/body-guard.js";
import type { Router } from "./exchange/router.js";
import type { MemoryBudget } from "./memory/memory-budget.js";
import type { ServerStatus } from "./s2-server.js";
import type { Sessions } from "./session/sessions.js";
import type { Ledger } from "./telemetry/ledger.js";

/** What is open between the first opening of a server and its close. */
export interface OpenRooms {
  readonly router: Router;
  /** With `auth`: the root token, if it was made now. */
  readonly rootToken: string | undefined;
  /** Ends work in the background; replies that wait for the store fail now. Before the close. */
  endWork(): void;
  /** Lets go of the store. Also without an end of work before: then its last counts are written. */
  close(): Promise<void>;
}

/** What the rooms take from their server: it outlives them, when an opening fails. */
export interface RoomComponents extends ResolvedComponents {
  readonly budget: MemoryBudget;
  readonly guard: BodyGuard;
  readonly sessions: Sessions;
  readonly ledger: Ledger;
  /** Ends the wait for a store that another process has. */
  readonly signal: AbortSignal;
  status(): ServerStatus;
  /** Called when storage has failed: nothing works any more. */
  onFailed(reason: Error): void;
  /** Open connections by what they speak. */
  connections(): ReadonlyMap<string, number>;
  acceptedConnections(): number;
}
