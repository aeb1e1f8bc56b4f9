// Whether a group is written on the event loop. Small groups on a fast disk are, because a thread
// costs more than the write; the rule measures itself, leaves the disk to the pool when it is slow,
// and looks at it again now and then.

import { assert } from "@s2kit/core";
import type { SealedGroup } from "../../log/group-builder.js";

export const INLINE_MAX_BYTES: number = 64 * 1024;
const INLINE_MAX_MS = 0.06;
/**
 * For a lone writer, whom the way through the pool would cost more: nobody else gathers meanwhile.
 */
const INLINE_LONE_MAX_MS = 0.15;
const PROBE_GROUPS = 64;
/** Weight of the newest write in the moving average; of a probe, which is one for many. */
const AVERAGE_WEIGHT = 1 / 16;
const PROBE_WEIGHT = 1 / 4;
/** A write counts no more than this: one stall of the disk says nothing about the next write. */
const MAX_SAMPLE_MS: number = 4 * INLINE_MAX_MS;

assert(INLINE_MAX_MS < INLINE_LONE_MAX_MS, "a lone writer waits longer on the event loop");
assert(INLINE_LONE_MAX_MS < MAX_SAMPLE_MS, "a slow disk shows in its samples");

export class InlineRule {
  /** Of inline writes: the way through the pool would count for the disk's. */
  private averageMs = 0;
  /** Groups that were left to the pool since the last inline write; enough of them make a probe. */
  private sinceInline = 0;

  allows(group: SealedGroup): boolean {
    const maxMs = group.commits <= 1 ? INLINE_LONE_MAX_MS : INLINE_MAX_MS;
    if (group.bytes.length > INLINE_MAX_BYTES) return false;
    return this.averageMs < maxMs || ++this.sinceInline >= PROBE_GROUPS;
  }

  /** A group that was allowed was written. */
  took(ms: number): void {
    const weight = this.sinceInline >= PROBE_GROUPS ? PROBE_WEIGHT : AVERAGE_WEIGHT;
    this.averageMs += (Math.min(ms, MAX_SAMPLE_MS) - this.averageMs) * weight;
    this.sinceInline = 0;
  }
}
