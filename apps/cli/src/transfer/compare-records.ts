// Compares a record that is moved with the one found in the target, and names what differs.
// Sequence numbers are the target's own. What its configuration makes of timestamps is known before
// the first record is appended, so that a copy that cannot be equal is not taken for a wrong one.
// Pure.

import type { AppendRecord, SequencedRecord } from "@s2kit/core";
import type { StreamConfig } from "@s2kit/core/control";

/**
 * What the target makes of the timestamps it is given: it keeps them, it lowers those that lie
 * ahead of their arrival, or it gives its own.
 */
export type TimestampRule =
  | { readonly kind: "kept" }
  /** No arrival was before the target was made: ms. */
  | { readonly kind: "capped"; readonly sinceMs: number }
  | { readonly kind: "replaced" };

/** @param config - of the target, in force */
export function timestampRuleOf(
  { timestamping = {} }: StreamConfig,
  createdAt: string | undefined,
): TimestampRule {
  if (timestamping.mode === "arrival") return { kind: "replaced" };
  if (timestamping.uncapped === true) return { kind: "kept" };
  return { kind: "capped", sinceMs: createdAt === undefined ? 0 : Date.parse(createdAt) };
}

/** What to tell before the first record: that times will be others. */
export function timestampNote(
  rule: TimestampRule,
  newestMs: number,
  nowMs: number,
): string | undefined {
  if (rule.kind === "replaced") return "the target gives records timestamps of its own";
  if (rule.kind === "capped" && newestMs > nowMs)
    return "the target lowers timestamps that lie ahead of their arrival";
  return undefined;
}

/** What differs; undefined when nothing does. */
export function differenceOf(
  wanted: AppendRecord,
  found: SequencedRecord,
  rule: TimestampRule,
): string | undefined {
  if (Buffer.compare(wanted.body, found.body) !== 0) return "body";
  if (wanted.headers.length !== found.headers.length) return "headers";
  const hasOtherHeader = wanted.headers.some(([name, value], i) => {
    const [foundName, foundValue] = found.headers[i] ?? [];
    return (
      foundName === undefined ||
      foundValue === undefined ||
      Buffer.compare(name, foundName) !== 0 ||
      Buffer.compare(value, foundValue) !== 0
    );
  });
  if (hasOtherHeader) return "headers";
  return isSameTime(wanted.timestamp, found.timestamp, rule) ? undefined : "timestamp";
}

/** A capped record got the time of its arrival, which is before what it asked for. */
function isSameTime(wanted: number | undefined, found: number, rule: TimestampRule): boolean {
  if (rule.kind === "replaced" || wanted === undefined || wanted === found) return true;
  return rule.kind === "capped" && found < wanted && found >= rule.sinceMs;
}
