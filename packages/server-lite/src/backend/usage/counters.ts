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

/** Other storage classes that a row tells apart; further ones are one series. */
export const MAX_OTHER_CLASSES = 16;
/** The class that all further ones are counted as. */
const FURTHER_CLASSES = "other";
const OPS = "append-ops/";
const THROUGHPUT = "append-throughput/";

/** Counts of one scope since they were last taken. */
export class Counters {
  private readonly values = new Float64Array(SLOT_NAMES.length);
  /** Appends to streams of other classes: at most {@link MAX_OTHER_CLASSES} and one. */
  private others: Record<string, number> | undefined = undefined;
  isDirty = false;

  /** @param operations - that began with this append: 0 when its minute is counted already */
  appended(storageClass: StorageClass, operations: number, meteredBytes: number): void {
    const { values } = this;
    this.isDirty = true;
    if (storageClass !== "express" && storageClass !== "standard") {
      const name = storageClass;
      const began = operations === 0 ? {} : { [OPS + name]: operations };
      const added = { ...began, [THROUGHPUT + name]: meteredBytes };
      this.others = addCounts(this.others ?? {}, added);
      return;
    }
    const isExpress = storageClass === "express";
    const ops = isExpress ? EXPRESS_OPS : STANDARD_OPS;
    const bytes = isExpress ? EXPRESS_BYTES : STANDARD_BYTES;
    values[ops] = (values[ops] as number) + operations;
    values[bytes] = (values[bytes] as number) + meteredBytes;
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
    const counts: Record<string, number> = { ...this.others };
    for (const [slot, name] of SLOT_NAMES.entries()) {
      const value = this.values[slot] as number;
      if (value > 0) counts[name] = value;
    }
    return counts;
  }

  /** Starts again from zero: what {@link Counters.peek} told is safe elsewhere. */
  clear(): void {
    this.values.fill(0);
    this.others = undefined;
    this.isDirty = false;
  }
}

/** The sum of two rows. It has a bounded number of storage classes, whatever their names are. */
export function addCounts(a: Counts, b: Counts): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  let classes = Object.keys(sum).filter((name) => name.startsWith(THROUGHPUT)).length;
  for (const [name, value] of Object.entries(b)) {
    const isNew = !Object.hasOwn(sum, name);
    const kind = [OPS, THROUGHPUT].find((prefix) => name.startsWith(prefix));
    const isFurther = isNew && kind !== undefined && !SLOT_OF.has(name) && classes > MAX_CLASSES;
    const key = isFurther ? kind + FURTHER_CLASSES : name;
    sum[key] = (sum[key] ?? 0) + value;
    if (isNew && !isFurther && kind === THROUGHPUT) classes++;
  }
  return sum;
}

const MAX_CLASSES = MAX_OTHER_CLASSES + 2;

/** The storage classes that rows have counts of: the two usual ones first, then by name. */
export function storageClassesOf(rows: readonly Counts[]): readonly string[] {
  const found = new Set<string>();
  for (const counts of rows)
    for (const name of Object.keys(counts))
      if (name.startsWith(THROUGHPUT)) found.add(name.slice(THROUGHPUT.length));
  const usual = ["express", "standard"];
  return [...usual, ...[...found].filter((name) => !usual.includes(name)).sort()];
}
