// A bucket that does not give up at once: every request is repeated, with the same bytes, until it
// has an answer or its time is over. A PUT that hangs gets a second one beside it. Works over any
// `ObjectStore`; attempts are made in `steady-request`, by the rules of `steady-rule`.
//
//     request ──► [room of its kind] ──► attempt ──► answer
//                                          ▲  └─ failed ─► decide ─► give up
//                                          └──── wait ◄──────┘
//
// When a promise settles, no attempt of it looks at the caller's bytes any more. A request that
// ends `unknown` may still take effect.

import { Admission } from "@s2kit/core";
import {
  type ObjectPage,
  type ObjectRange,
  type ObjectStore,
  ObjectStoreError,
  type PutOutcome,
} from "../object-store.js";
import { LatencyWindow } from "./latency-window.js";
import {
  repeated,
  type SteadyComponents,
  type SteadyRequest,
  type SteadyShared,
} from "./steady-request.js";

export interface SteadySettings {
  /** Time for one request with all its attempts, from its call. Default: 60 s */
  readonly deadlineMs?: number;
  /** PUTs at the same time, hedges among them. Default: 32 */
  readonly maxPuts?: number;
  /** Reads of objects at the same time. Default: 32 */
  readonly maxGets?: number;
  /** Whatever else at the same time. Default: 16 */
  readonly maxOthers?: number;
}

/** Of one kind of request. */
export interface KindLoad {
  readonly inFlight: number;
  readonly waiting: number;
}

export interface SteadyLoad {
  readonly puts: KindLoad;
  readonly gets: KindLoad;
  readonly others: KindLoad;
}

export class SteadyStore implements ObjectStore {
  private readonly shared: SteadyShared;
  private readonly deadlineMs: number;

  private constructor(shared: SteadyShared, deadlineMs: number) {
    this.shared = shared;
    this.deadlineMs = deadlineMs;
  }

  static over(
    store: ObjectStore,
    settings: SteadySettings,
    components: SteadyComponents,
  ): SteadyStore {
    const { deadlineMs = 60_000, maxPuts = 32, maxGets = 32, maxOthers = 16 } = settings;
    const room = (items: number): Admission => new Admission(Number.MAX_SAFE_INTEGER, items);
    const rooms = { puts: room(maxPuts), gets: room(maxGets), others: room(maxOthers) };
    const shared = { ...components, ...rooms, store, putLatency: new LatencyWindow() };
    return new SteadyStore(shared, deadlineMs);
  }

  /** The same bucket, with the same bounds in common, and another time for each request. */
  within(deadlineMs: number): SteadyStore {
    return new SteadyStore(this.shared, deadlineMs);
  }

  /** The latest of PUTs that were answered; undefined until there are enough of them. */
  get putP99Ms(): number | undefined {
    return this.shared.putLatency.p99Ms;
  }

  /** What is under way, and what waits for its turn. */
  get load(): SteadyLoad {
    const { puts, gets, others } = this.shared;
    return { puts: loadOf(puts), gets: loadOf(gets), others: loadOf(others) };
  }

  putIfAbsent(
    key: string,
    parts: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<PutOutcome> {
    const { store, puts } = this.shared;
    return this.request({
      operation: "put",
      room: puts,
      signal,
      isHedged: true,
      send: (until) => store.putIfAbsent(key, parts, until),
      bytesOf: () => sizeOf(parts),
    });
  }

  /**
   * Sent once: what is repeated may land behind what was written later, and turn it back. Who
   * renews a lease sends the next one instead.
   */
  async overwrite(key: string, parts: readonly Uint8Array[], signal?: AbortSignal): Promise<void> {
    const { store, others } = this.shared;
    await this.request({
      operation: "overwrite",
      room: others,
      signal,
      send: (until) => store.overwrite(key, parts, until),
      bytesOf: () => sizeOf(parts),
    });
  }

  get(key: string, range?: ObjectRange, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const { store, gets } = this.shared;
    return this.request({
      operation: "get",
      room: gets,
      signal,
      send: (until) => store.get(key, range, until),
      bytesOf: (answer) => answer?.length ?? 0,
    });
  }

  exists(key: string, signal?: AbortSignal): Promise<boolean> {
    const { store, others } = this.shared;
    return this.request({
      operation: "exists",
      room: others,
      signal,
      send: (until) => store.exists(key, until),
      bytesOf: () => 0,
    });
  }

  list(prefix: string, cursor?: string, signal?: AbortSignal): Promise<ObjectPage> {
    const { store, others } = this.shared;
    return this.request({
      operation: "list",
      room: others,
      signal,
      send: (until) => store.list(prefix, cursor, until),
      bytesOf: () => 0,
    });
  }

  delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    const { store, others } = this.shared;
    return this.request({
      operation: "delete",
      room: others,
      signal,
      send: (until) => store.delete(keys, until),
      bytesOf: () => 0,
    });
  }

  /** Gives a request its time, then its room, then its attempts. */
  private async request<T>(request: SteadyRequest<T>): Promise<T> {
    const { clock } = this.shared;
    const { operation, room, signal } = request;
    const startedAt = clock.monotonic();
    const end = new AbortController();
    const onAbort = (): void => end.abort();
    if (signal?.aborted) end.abort();
    signal?.addEventListener("abort", onAbort, { once: true });
    const timer = clock.setTimer(onAbort, this.deadlineMs);
    try {
      if (!(await room.enter(1, end.signal, (hasRoom) => hasRoom)))
        throw new ObjectStoreError("unknown", `${operation}: its time was over before its turn`);
      try {
        return await repeated(this.shared, request, {
          startedAt,
          deadlineMs: this.deadlineMs,
          end: end.signal,
        });
      } finally {
        room.release(1);
      }
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  }
}

/** Every request takes room for one. */
function loadOf({ heldBytes, waitingCount }: Admission): KindLoad {
  return { inFlight: heldBytes, waiting: waitingCount };
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
