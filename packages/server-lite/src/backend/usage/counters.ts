// What is counted, as slots of one array of numbers per basin and one for the account: counting is
// an addition, and costs nothing else. Names of slots are kept on disk, so they never change.
// Spec: control-plane#metrics.

import { OPERATIONS, type Operation } from "@s2kit/core";
import { type StorageClass } from "@s2kit/core/control";
import type { Counts } from "../catalog/keys/usage-bucket.js";

/** Slots beside the operations, which follow in the order of core's list. */
const DATA_SLOTS = [
  "append-ops/express",
  "append-ops/standard",
  "append-throughput/express",
  "append-throughput/standard",
  "read-ops/streaming",
  "read-ops/unary",
  "read-throughput",
] as const;

export type DataSlot = (typeof DATA_SLOTS)[number];
export type SlotName = DataSlot | `op/${Operation}`;

export const SLOT_NAMES: readonly SlotName[] = [
  ...DATA_SLOTS,
  ...OPERATIONS.map((operation) => `op/${operation}` as const),
];

const SLOT_OF: ReadonlyMap<string, number> = new Map(SLOT_NAMES.map((name, slot) => [name, slot]));

function slotOf(name: SlotName): number {
  return SLOT_OF.get(name) as number;
}

const EXPRESS_OPS = slotOf("append-ops/express");
const EXPRESS_BYTES = slotOf("append-throughput/express");
const STANDARD_OPS = slotOf("append-ops/standard");
const STANDARD_BYTES = slotOf("append-throughput/standard");
const READ_BYTES = slotOf("read-throughput");
const READ_STREAMING = slotOf("read-ops/streaming");
const READ_UNARY = slotOf("read-ops/unary");

/** Counts of one scope since they were last taken. */
export class Counters {
  private readonly values = new Float64Array(SLOT_NAMES.length);
  isDirty = false;

  appended(storageClass: StorageClass, meteredBytes: number): void {
    const { values } = this;
    const isExpress = storageClass === "express";
    const ops = isExpress ? EXPRESS_OPS : STANDARD_OPS;
    const bytes = isExpress ? EXPRESS_BYTES : STANDARD_BYTES;
    values[ops] = (values[ops] as number) + 1;
    values[bytes] = (values[bytes] as number) + meteredBytes;
    this.isDirty = true;
  }

  read(isStreaming: boolean, operations: number, meteredBytes: number): void {
    const { values } = this;
    const ops = isStreaming ? READ_STREAMING : READ_UNARY;
    values[ops] = (values[ops] as number) + operations;
    values[READ_BYTES] = (values[READ_BYTES] as number) + meteredBytes;
    this.isDirty = true;
  }

  operated(operation: Operation): void {
    const slot = slotOf(`op/${operation}`);
    this.values[slot] = (this.values[slot] as number) + 1;
    this.isDirty = true;
  }

  /** Counts that are not zero, without taking them. */
  peek(): Counts {
    const counts: Record<string, number> = {};
    for (const [slot, name] of SLOT_NAMES.entries()) {
      const value = this.values[slot] as number;
      if (value > 0) counts[name] = value;
    }
    return counts;
  }

  /** Starts again from zero: what {@link Counters.peek} told is safe elsewhere. */
  clear(): void {
    this.values.fill(0);
    this.isDirty = false;
  }
}

export function addCounts(a: Counts, b: Counts): Counts {
  const sum: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}
