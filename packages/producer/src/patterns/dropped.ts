// What a reader of messages leaves out, and why. Nothing is left out without a word: whoever passes
// `onDropped` hears of each record that became part of no message.

/**
 * Why records became part of no message.
 *
 * - `duplicate`: its writer wrote it before, as a retry does.
 * - `foreign`: it has none of the headers of messages; somebody else wrote it.
 * - `headless`: the first record of its message was not read: trimmed, before the start, or
 *   dropped.
 * - `abandoned`: its writer began another message before this one was complete.
 * - `mismatch`: the message holds more or less than its first record declared.
 * - `unmarked`: only the first record of a long message has headers (see `joinUnmarked`).
 * - `stalled`: the message did not grow while `maxIdleRecords` other records passed; its writer is
 *   gone.
 * - `unfinished`: the session ended before the message was complete. A checkpoint goes back to its
 *   start.
 */
export type DropReason =
  | "abandoned"
  | "duplicate"
  | "foreign"
  | "headless"
  | "mismatch"
  | "stalled"
  | "unfinished"
  | "unmarked";

/** Records that became part of no message. Other records may lie between the first and the last. */
export interface DroppedRecords {
  readonly reason: DropReason;
  /** Missing when the records do not name one. */
  readonly writerId: string | undefined;
  /** seqNum of the first of them. */
  readonly startSeqNum: number;
  /** seqNum behind the last of them. */
  readonly endSeqNum: number;
  /** How many there are. */
  readonly records: number;
}

/** Called at once, in stream order. It must not throw: what it throws, the reader throws. */
export type OnDropped = (dropped: DroppedRecords) => void;
