// The one writer of one active stream. Keeps the accepted state (what the next append is checked
// against) apart from the stable tail (what anyone may see), commits to storage, and publishes what
// became durable. Everything here is synchronous: no await stands between check and commit.
// Spec: data-plane#order-of-checks, data-plane#failed-conditions, data-plane#repeating-an-append,
// data-plane#append-session, data-plane#guarantees.

import { assert, S2Error, type StreamPosition } from "@s2kit/core";
import { type ResolvedStreamConfig, type StreamCipher } from "@s2kit/core/control";
import { type AppendBatch } from "@s2kit/core/server";
import type { MemoryBudget } from "../../memory/memory-budget.js";
import { staleError } from "../../storage/require-fresh.js";
import type { LogPosition, Storage, StoredBatch, StreamId } from "../../storage/storage.js";
import { type Follower, Followers } from "./followers.js";
import { type AppendedStream, type AppendReply, PendingAck } from "./pending-ack.js";
import { type PendingAppends, storageFailure } from "./pending-appends.js";
import { rulesOf, type Sequenced, type SequencerRules, sequence } from "./sequencer.js";

/** What all streamers of a node share. */
export interface StreamerComponents {
  readonly storage: Storage;
  readonly pending: PendingAppends;
  /** Wall clock ms. */
  now(): number;
  /** Highest log position that any commit of this node got. */
  lastPosition: LogPosition;
  /** Leases of all streamers, retired ones too. */
  openLeases: number;
  /** Counts what waits for followers. */
  readonly budget?: MemoryBudget | undefined;
}

export class Streamer implements AppendedStream {
  readonly streamId: StreamId;
  readonly cipher: StreamCipher | undefined;
  lastUsedMs: number;
  stableTail: StreamPosition;

  private config: ResolvedStreamConfig;
  private rules: SequencerRules;
  /** Accepted state: counts appends that are not durable yet. */
  tail: StreamPosition;
  fencingToken: string;
  trimPoint: number;
  private leaseCount = 0;
  private pendingCount = 0;
  private retirement: S2Error | undefined = undefined;
  private readonly followers: Followers;
  private readonly components: StreamerComponents;
  private readonly onEmptied: (() => void) | undefined;

  /** @param onEmptied - a trim command took the last record, and delete-on-empty is on */
  constructor(
    components: StreamerComponents,
    stream: {
      readonly streamId: StreamId;
      readonly cipher?: StreamCipher | undefined;
      readonly config: ResolvedStreamConfig;
    },
    onEmptied?: () => void,
  ) {
    const state = components.storage.streamState(stream.streamId);
    if (state === undefined)
      throw new S2Error({
        code: "storage",
        message: `stream state is missing id=${stream.streamId}`,
      });
    this.components = components;
    this.followers = new Followers(components.budget);
    this.onEmptied = onEmptied;
    this.streamId = stream.streamId;
    this.cipher = stream.cipher;
    this.config = stream.config;
    this.rules = rulesOf(stream.config, stream.cipher);
    this.tail = state.tail;
    // A streamer is only made when nothing of its stream is pending, so applied means durable.
    this.stableTail = state.tail;
    this.fencingToken = state.fencingToken;
    this.trimPoint = state.trimPoint;
    this.lastUsedMs = components.now();
  }

  /** True when nothing would be lost by forgetting this object. */
  get isIdle(): boolean {
    return this.leaseCount === 0 && this.pendingCount === 0 && this.followers.size === 0;
  }

  /** Sessions and waiting appends that hold this streamer in memory. */
  get leases(): number {
    return this.leaseCount;
  }

  /** Why the stream has ended; undefined while it goes on. */
  get ending(): S2Error | undefined {
    return this.retirement;
  }

  get followerCount(): number {
    return this.followers.size;
  }

  /** The configuration in force. */
  get resolvedConfig(): ResolvedStreamConfig {
    return this.config;
  }

  /**
   * Keeps this object in memory, so that its stream never gets a second one, until the lease is
   * disposed of by whoever took it. Disposing twice does nothing.
   */
  lease(): Disposable {
    const { components } = this;
    this.leaseCount++;
    components.openLeases++;
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.leaseCount--;
        components.openLeases--;
        assert(this.leaseCount >= 0, "no more leases end than were taken");
        assert(
          components.openLeases >= this.leaseCount,
          "the node counts the leases of each streamer",
        );
      },
    };
  }

  /** Storage trimmed the stream beside its appends (retention). Never moves back. */
  trimTo(trimPoint: number): void {
    assert(trimPoint <= this.tail.seqNum, "a trim point is not above the tail");
    this.trimPoint = Math.max(this.trimPoint, trimPoint);
  }

  reconfigure(config: ResolvedStreamConfig): void {
    this.config = config;
    this.rules = rulesOf(config, this.cipher);
  }

  /**
   * Sequences and commits a scanned batch now; the reply comes when it may leave the process.
   *
   * @param batch - borrowed until the call returns
   * @returns false when the batch was refused: nothing after it in its session may take effect
   */
  append(batch: AppendBatch, reply: AppendReply): boolean {
    const { storage } = this.components;
    const writtenMs = this.components.now();
    this.lastUsedMs = writtenMs;
    if (this.retirement !== undefined) return this.refuse(reply, this.retirement);
    if (storage.status !== "open") return this.refuse(reply, storageFailure(storage));
    const decision = sequence(batch, this, this.rules, writtenMs);
    if (!decision.ok) return this.refuse(reply, decision.error);
    return this.commit(batch, decision.value, writtenMs, reply);
  }

  /**
   * Joins the followers, unless records lie between `fromSeqNum` and the stable tail: then the
   * caller reads them first. Check and subscription are one step, so no record falls between.
   *
   * @param onChange - see {@link Followers.add}
   */
  follow(fromSeqNum: number, onChange: () => void): Follower | undefined {
    if (this.retirement !== undefined) throw this.retirement;
    return fromSeqNum === this.stableTail.seqNum ? this.followers.add(onChange) : undefined;
  }

  /** Ends the stream: appends are refused, followers end with this error. */
  retire(error: S2Error): void {
    this.retirement = error;
    this.followers.fail(error);
  }

  private commit(
    batch: AppendBatch,
    sequenced: Sequenced,
    writtenMs: number,
    reply: AppendReply,
  ): boolean {
    const { firstSeqNum, fencingToken, trimPoint, tail } = sequenced;
    let commit: ReturnType<Storage["commit"]>;
    try {
      commit = this.components.storage.commit([
        {
          kind: "append",
          streamId: this.streamId,
          batch,
          firstSeqNum,
          writtenMs,
          fencingToken,
          trimPoint,
        },
      ]);
    } catch (error) {
      return this.refuse(reply, S2Error.from(error));
    }
    this.components.lastPosition = commit.position;
    this.tail = tail;
    if (fencingToken !== undefined) this.fencingToken = fencingToken;
    if (trimPoint !== undefined) this.trimPoint = trimPoint;
    this.pendingCount++;
    this.components.pending.push(
      new PendingAck(commit.position, this, sequenced, commit.stored[0] as StoredBatch, reply),
    );
    if (trimPoint === tail.seqNum && this.config.deleteOnEmpty.minAgeSecs > 0) this.onEmptied?.();
    return true;
  }

  /** Called by {@link PendingAck} when its batch is durable. */
  settle(sequenced: Sequenced, stored: StoredBatch, reply: AppendReply): void {
    const { tail } = sequenced;
    this.pendingCount--;
    assert(tail.seqNum > this.stableTail.seqNum, "the stable tail only goes forward");
    assert(this.pendingCount >= 0, "each append is settled once");
    this.stableTail = tail;
    reply.acked({
      start: { seqNum: sequenced.firstSeqNum, timestamp: sequenced.firstTimestamp },
      end: tail,
      tail,
    });
    this.followers.publish(stored, tail);
  }

  /** Called by {@link PendingAck} when the store failed. */
  lose(error: S2Error, reply: AppendReply): void {
    this.pendingCount--;
    this.followers.fail(error);
    reply.failed(error);
  }

  /**
   * A refusal may report state that is not durable yet, and must not overtake the acks before it:
   * it waits behind everything that is pending.
   */
  private refuse(reply: AppendReply, error: S2Error): false {
    this.components.pending.push({
      position: this.components.lastPosition,
      release: () => reply.failed(this.components.storage.isFresh ? error : staleError()),
      fail: () =>
        reply.failed(error.status >= 500 ? error : storageFailure(this.components.storage)),
    });
    return false;
  }
}
