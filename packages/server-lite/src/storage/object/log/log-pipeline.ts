// Puts the groups of an owner into the bucket: several at once, each in the slot behind the last.
// What is durable is the prefix without a gap: a group that arrived before the one in front of it
// counts for nothing yet, because a successor ends the log at the gap. A slot is used once. When a
// successor's fence is found, or no answer comes in time, nothing is put any more; what was on its
// way may or may not have arrived.

import { assert, type Clock } from "@s2kit/core";
import { storageError } from "../../durability.js";
import type { Settled, ShardBucket } from "../claim/shard-bucket.js";
import { encodeGroup } from "../format/log-object.js";
import { keyOf } from "../format/names.js";
import type { Writer } from "../format/sealed-object.js";

export type PipelineState =
  | { readonly kind: "open" }
  /** A later owner ended the log: the shard is another's. */
  | { readonly kind: "fenced"; readonly successor: number }
  /** Nobody knows what became of the groups that were on their way. */
  | { readonly kind: "failed"; readonly cause: Error }
  | { readonly kind: "closed" };

/** What the promises of the pipeline rest on. Weaker ones exist in tests only. */
export interface PipelineRules {
  /** Slots that are durable, when those that `isStored` names are in the bucket. */
  durableAfter(durable: number, isStored: (slot: number) => boolean): number;
  /**
   * Whether a group proves that nobody had fenced the log when it was sent: asked when its answer
   * comes, and again when it is durable.
   */
  isProof(settled: Settled, when: "answered" | "durable"): boolean;
}

export const STRICT_PIPELINE: PipelineRules = {
  durableAfter(durable, isStored) {
    let slot = durable;
    while (isStored(slot)) slot++;
    return slot;
  },
  // One that was found there may have been so for long; one behind a gap proves nothing yet.
  isProof: (settled, when) => when === "durable" && settled.kind === "mine" && settled.isDirect,
};

export interface PipelineOptions {
  readonly bucket: ShardBucket;
  readonly clock: Clock;
  readonly epoch: number;
  readonly writer: Writer;
  /** Groups on their way at once. */
  readonly window: number;
  /** Ms that a group is repeated for before the pipeline fails. */
  readonly limitMs: number;
  /** Slots below are durable now; called in order. */
  readonly onDurable: (slots: number) => void;
  /** Called once, when the pipeline is fenced or fails. */
  readonly onEnd: (state: PipelineState) => void;
  /** Default: the strict ones. */
  readonly rules?: PipelineRules;
}

interface Flight {
  readonly sentMs: number;
  readonly bytes: number;
  settled: Settled | undefined;
}

export class LogPipeline {
  state: PipelineState = { kind: "open" };
  /** Slots below are durable. */
  durable = 0;
  /** Bytes on their way. */
  inFlightBytes = 0;
  /** The newest monotonic time at which nobody had fenced the log, as a durable group proves. */
  provenMs: number = Number.NEGATIVE_INFINITY;
  private readonly options: PipelineOptions;
  private readonly rules: PipelineRules;
  private readonly flights = new Map<number, Flight>();
  private slot = 0;
  private idle: (() => void)[] = [];

  constructor(options: PipelineOptions) {
    this.options = options;
    this.rules = options.rules ?? STRICT_PIPELINE;
  }

  get nextSlot(): number {
    return this.slot;
  }

  /** Whether a group may go out now. */
  get hasRoom(): boolean {
    return this.state.kind === "open" && this.slot - this.durable < this.options.window;
  }

  /** Whether nothing is on its way. */
  get isIdle(): boolean {
    return this.slot === this.durable;
  }

  /** When the oldest group that waits was sent, monotonic; undefined when none does. */
  get waitingSinceMs(): number | undefined {
    return this.flights.get(this.durable)?.sentMs;
  }

  /**
   * Sends a group on its way.
   *
   * @param group - header, payloads and rows; must not change until it is durable
   * @param offset - what the offsets of its rows count from
   * @returns its slot
   */
  put(group: Uint8Array, offset: number): number {
    assert(this.hasRoom, "a group goes out when there is room");
    const slot = this.slot++;
    const sentMs = this.options.clock.monotonic();
    const flight: Flight = { sentMs, bytes: group.length, settled: undefined };
    this.flights.set(slot, flight);
    this.inFlightBytes += group.length;
    void this.send(slot, flight, group, offset);
    return slot;
  }

  /** Resolves when nothing is on its way, or nothing will arrive any more. */
  drained(): Promise<void> {
    if (this.isIdle || this.state.kind !== "open") return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  /** Ends it: nothing is put or confirmed any more. */
  close(): void {
    this.end({ kind: "closed" });
  }

  private async send(
    slot: number,
    flight: Flight,
    group: Uint8Array,
    offset: number,
  ): Promise<void> {
    const { bucket, epoch, writer, limitMs } = this.options;
    const name = bucket.logName(epoch, slot);
    const sealed = { writer, durable: this.durable, offset, group };
    const parts = encodeGroup(name, sealed, bucket.storeKey);
    const settled = await bucket.settle(name, parts, limitMs).catch((error: unknown) => {
      const cause = error instanceof Error ? error : storageError(String(error));
      this.end({ kind: "failed", cause });
    });
    if (settled === undefined || this.state.kind !== "open") return;
    if (settled.kind === "mine") return this.arrived(flight, settled);
    if (settled.head.kind === "log-fence")
      return this.end({ kind: "fenced", successor: settled.head.mark });
    const found = `incarnation=${settled.head.incarnation} nonce=${settled.head.nonce}`;
    const cause = storageError(
      `another process writes the log of this shard as we do: stop one of them key=${keyOf(name)} ${found}`,
    );
    this.end({ kind: "failed", cause });
  }

  private arrived(flight: Flight, settled: Settled): void {
    const { flights, rules } = this;
    flight.settled = settled;
    this.noteProof(flight, settled, "answered");
    const isStored = (slot: number): boolean => flights.get(slot)?.settled !== undefined;
    const durable = rules.durableAfter(this.durable, isStored);
    if (durable === this.durable) return;
    assert(durable > this.durable, "what is durable stays so");
    for (let slot = this.durable; slot < durable; slot++) {
      const passed = flights.get(slot);
      flights.delete(slot);
      if (passed === undefined) continue;
      this.inFlightBytes -= passed.bytes;
      if (passed.settled !== undefined) this.noteProof(passed, passed.settled, "durable");
    }
    this.durable = durable;
    this.options.onDurable(durable);
    if (this.isIdle) this.letWaitersGo();
  }

  private noteProof(flight: Flight, settled: Settled, when: "answered" | "durable"): void {
    if (this.rules.isProof(settled, when)) this.provenMs = Math.max(this.provenMs, flight.sentMs);
  }

  private end(state: PipelineState): void {
    if (this.state.kind !== "open") return;
    this.state = state;
    this.letWaitersGo();
    if (state.kind !== "closed") this.options.onEnd(state);
  }

  private letWaitersGo(): void {
    for (const resolve of this.idle.splice(0)) resolve();
  }
}
