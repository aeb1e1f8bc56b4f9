// Compares records of a data file with records of a stream, one by one, and names the first that
// differs. Sequence numbers are the target's own and are not compared. Pure.

import type { AppendRecord, SequencedRecord } from "@s2kit/core";

/** What differs; undefined when nothing does. */
export function differenceOf(
  wanted: AppendRecord,
  found: SequencedRecord,
  comparesTimestamps: boolean,
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
  if (comparesTimestamps && wanted.timestamp !== found.timestamp) return "timestamp";
  return undefined;
}
