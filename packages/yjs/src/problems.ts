// What may be wrong with a document's stream, as `onError` is told. Nothing of it ends the
// document.

import type { DocumentProblem } from "./document/document-log.js";

const TEXTS: Readonly<Record<DocumentProblem | "unreadable", string>> = {
  foreign: "a record is no update of a document: it is left out, and nothing is compacted",
  parts: "updates that were begun and not ended were too many: the oldest are left out",
  removed: "records were removed that no snapshot has: the document may lack what was in them",
  unreadable: "a record says that it is an update, and is none: it is left out",
};

/** Something is wrong with the stream of a document; what could be read is in it. */
export class DocumentStreamError extends Error {
  override readonly name = "DocumentStreamError";
  readonly problem: DocumentProblem | "unreadable";
  /** The record that it was found at. */
  readonly seqNum: number;

  constructor(problem: DocumentProblem | "unreadable", seqNum: number, cause?: unknown) {
    super(`${TEXTS[problem]} seqNum=${seqNum}`, cause === undefined ? undefined : { cause });
    this.problem = problem;
    this.seqNum = seqNum;
  }
}
