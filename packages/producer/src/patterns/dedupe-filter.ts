// Drops records that a writer sent twice. It knows one active writer: another one takes over and starts
// anew. Gaps are normal: writers may count messages too. Spec: SDK section 12.1.

import type { MessageHeaders } from "./message-headers.js";

export class DedupeFilter {
  private writerId: string | undefined;
  private lastSeq = -1;

  /** True when the record is new; records without a number always are. */
  accepts({ dedupeSeq, writerId = "" }: MessageHeaders): boolean {
    if (dedupeSeq === undefined) return true;
    if (writerId !== this.writerId) {
      this.writerId = writerId;
      this.lastSeq = dedupeSeq;
      return true;
    }
    if (dedupeSeq <= this.lastSeq) return false;
    this.lastSeq = dedupeSeq;
    return true;
  }
}
