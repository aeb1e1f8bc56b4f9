// The active streamers of a node by address: made when a stream is touched, forgotten when it has
// been idle, so that dormant streams cost nothing. There is never a second streamer for a stream
// that has one with pending appends. Spec: data-plane#limits, data-plane#guarantees.

import type { S2Error } from "@s2kit/core";
import type { ResolvedStreamConfig, StreamConfig } from "@s2kit/core/control";
import { visitInTurns } from "../../waiting/turn.js";
import {
  type AutoCreate,
  type StreamAddress,
  type Streams,
  streamDeletionPending,
} from "../control/streams.js";
import { Streamer, type StreamerComponents } from "./streamer.js";

const SWEEP_PER_TURN = 2000;

/** A streamer without leases, pending appends and followers is forgotten after this long. */
export const STREAMER_IDLE_MS = 60_000;

export class Streamers {
  private readonly active = new Map<string, Streamer>();
  private readonly components: StreamerComponents;
  private readonly streams: Streams;
  /** A trim command took the last record of a stream with delete-on-empty. */
  private readonly onEmptied: ((address: StreamAddress) => void) | undefined;

  constructor(
    components: StreamerComponents,
    streams: Streams,
    onEmptied?: (address: StreamAddress) => void,
  ) {
    this.components = components;
    this.streams = streams;
    this.onEmptied = onEmptied;
  }

  get size(): number {
    return this.active.size;
  }

  get followerCount(): number {
    let count = 0;
    for (const streamer of this.active.values()) count += streamer.followerCount;
    return count;
  }

  get leaseCount(): number {
    return this.components.openLeases;
  }

  /**
   * The streamer of a stream, which is created on the way when its basin says so.
   *
   * @throws {S2Error} `basin_not_found`, `stream_not_found`, `…_deletion_pending`
   */
  open(address: StreamAddress, trigger: AutoCreate, config?: StreamConfig): Streamer {
    const key = keyOf(address);
    const existing = this.active.get(key);
    if (existing !== undefined) {
      existing.lastUsedMs = this.components.now();
      return existing;
    }
    const record = this.streams.getOrCreate(address, trigger, config);
    const onEmptied = (): void => this.onEmptied?.(address);
    const streamer = new Streamer(this.components, record, onEmptied);
    this.active.set(key, streamer);
    return streamer;
  }

  /** The streamer if the stream is active now. */
  peek(address: StreamAddress): Streamer | undefined {
    return this.active.get(keyOf(address));
  }

  reconfigure(address: StreamAddress, config: ResolvedStreamConfig): void {
    this.peek(address)?.reconfigure(config);
  }

  /** Ends the sessions of a stream that was marked as deleted. */
  retire(address: StreamAddress): void {
    this.peek(address)?.retire(streamDeletionPending());
    this.active.delete(keyOf(address));
  }

  /** Ends the sessions of all streams, because their log has ended. */
  retireAll(error: S2Error): void {
    for (const streamer of this.active.values()) streamer.retire(error);
    this.active.clear();
  }

  /** Forgets what has been idle; called now and then. */
  sweep(): Promise<void> {
    const bound = this.components.now() - STREAMER_IDLE_MS;
    return visitInTurns(this.active, SWEEP_PER_TURN, (key, streamer) => {
      if (streamer.isIdle && streamer.lastUsedMs <= bound) this.active.delete(key);
    });
  }
}

function keyOf({ basin, stream }: StreamAddress): string {
  return `${basin}\0${stream}`;
}
