// The stream of a document as it is read: which updates to apply, under which fence we are, how
// much lies behind it, and whether anything is missing. Pure.
//
//   f          fence: whoever set it compacts; ends updates that are begun in parts
//   f+1 …      updates of others, as ever
//   s … s+n    snapshot: everything before f
//   s+n        with its last part: trim to f

import type { ReadRecord } from "@s2kit/client";
import { Joining } from "./joining.js";
import { documentRecordOf, type Part } from "./records.js";

/**
 * - `foreign`: a record that we do not know, or only a later one of us.
 * - `parts`: updates that were begun by too many at once.
 * - `removed`: records are gone, and no snapshot has what was in them.
 */
export type DocumentProblem = "foreign" | "parts" | "removed";

/** What a record came to. */
export interface Step {
  readonly update?: Uint8Array | undefined;
  readonly problem?: DocumentProblem | undefined;
  /** Whoever compacts lives. */
  readonly isOfSnapshot?: boolean | undefined;
}

/** The last fence. */
export interface Fence {
  readonly token: string;
  readonly seqNum: number;
  /** Its snapshot is whole. */
  readonly isDone: boolean;
}

const NOTHING: Step = {};

export class DocumentLog {
  readonly #joining = new Joining();
  #next = 0;
  #fence: Fence | undefined;
  #isWhole = true;
  #hasLeftOut = false;

  /** Where reading goes on. */
  get next(): number {
    return this.#next;
  }

  get fence(): Fence | undefined {
    return this.#fence;
  }

  /** The token that whoever names one has to name. */
  get token(): string {
    return this.#fence?.token ?? "";
  }

  /** Nothing is missing that was written before {@link next}. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** There are records that a snapshot of ours would not have. */
  get hasLeftOut(): boolean {
    return this.#hasLeftOut;
  }

  /** Records since the last fence. */
  get length(): number {
    return this.#next - (this.#fence?.seqNum ?? 0);
  }

  /** @param record - borrowed by the step */
  push(record: ReadRecord<"bytes">): Step {
    if (record.seqNum > this.#next) this.#passGap();
    this.#next = record.seqNum + 1;
    const what = documentRecordOf(record);
    switch (what.kind) {
      case "command":
        return NOTHING;
      case "fence":
        this.#joining.clear();
        this.#fence = { token: what.token, seqNum: record.seqNum, isDone: false };
        return NOTHING;
      case "foreign":
        this.leaveOut();
        return { problem: "foreign" };
      case "body":
        return what.of === "update"
          ? this.#joined(what.part, record.body)
          : this.#snapshot(what.part, record.body);
    }
  }

  /** What was read could not be applied. */
  leaveOut(): void {
    this.#hasLeftOut = true;
  }

  /** At the tail: whether there was a snapshot for what is gone. */
  atTail(): Step {
    if (this.#isWhole) return NOTHING;
    this.#isWhole = true;
    return { problem: "removed" };
  }

  /** The stream is another one of the same name. */
  restart(): void {
    this.#passGap();
    this.#next = 0;
    this.#isWhole = true;
  }

  #passGap(): void {
    this.#joining.clear();
    this.#fence = undefined;
    this.#hasLeftOut = false;
    this.#isWhole = false;
  }

  #snapshot(part: Part | undefined, body: Uint8Array): Step {
    // Who has read all there was needs nothing of it, but to know that it is there.
    if (this.#isWhole) {
      if (part === undefined || part.index === part.count - 1) this.#finish();
      return { isOfSnapshot: true };
    }
    const step = this.#joined(part, body);
    if (step.update !== undefined) this.#finish();
    return { ...step, isOfSnapshot: true };
  }

  #joined(part: Part | undefined, body: Uint8Array): Step {
    if (part === undefined) return { update: body };
    const { whole, lost } = this.#joining.push(part, body);
    if (lost > 0) this.leaveOut();
    return { update: whole, problem: lost > 0 ? "parts" : undefined };
  }

  #finish(): void {
    this.#isWhole = true;
    if (this.#fence !== undefined) this.#fence = { ...this.#fence, isDone: true };
  }
}
