// What a request says of its run: which one it is, and where its reader stands. Offsets name their
// run, since a browser that reconnects by itself sends nothing else. Pure.

import { isSafeU64, isWellFormed, S2Error } from "@s2kit/core";

/** Which run, and from where on: for callers without a request. */
export interface RunSource {
  readonly runId: string;
  /** Of the last chunk that was read; `-1`: none; `now`: all. Default null: a producer. */
  readonly offset?: string | null | undefined;
}

/** The chunk that a reader has seen last. */
export interface Place {
  readonly runId: string;
  readonly seqNum: number;
}

const PREFIX = "s2:";

export function offsetOf({ runId, seqNum }: Place): string {
  return `${PREFIX}${encodeURIComponent(runId)}:${seqNum}`;
}

/** @throws {S2Error} `INVALID_ARGUMENT` */
export function placeOf(offset: string): Place {
  const [, name, digits] = /^s2:([^:]+):([0-9]{1,16})$/.exec(offset) ?? [];
  const seqNum = Number(digits);
  const runId = name === undefined ? undefined : decodedName(name);
  if (runId === undefined || !isSafeU64(seqNum)) throw invalid("the offset is none of ours");
  return { runId, seqNum };
}

/**
 * What a request asks for: header before query, as the host reads them.
 *
 * @throws {S2Error} `INVALID_ARGUMENT`
 */
export function sourceOf(request: Request): Partial<RunSource> {
  const query = new URL(request.url).searchParams;
  const runId = request.headers.get("x-run-id") || query.get("runId") || undefined;
  const offset = request.headers.get("last-event-id") || query.get("offset");
  return { ...(runId === undefined ? {} : { runId }), offset };
}

/**
 * The run of a source; undefined when it names none.
 *
 * @throws {S2Error} `INVALID_ARGUMENT` for a name that is none, or two different ones: whoever
 * checks the one must not be given the other
 */
export function runOf({ runId, offset }: Partial<RunSource>): string | undefined {
  const ofOffset = offset == null || isSpecial(offset) ? undefined : placeOf(offset).runId;
  if (runId === undefined) return ofOffset;
  if (runId === "" || /[\r\n\0]/.test(runId) || !isWellFormed(runId))
    throw invalid("a run id must be text without line breaks");
  if (ofOffset !== undefined && ofOffset !== runId) throw invalid("the offset is of another run");
  return runId;
}

/** The beginning, or the tail. */
export function isSpecial(offset: string): boolean {
  return offset === "-1" || offset === "now";
}

function decodedName(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

function invalid(message: string): S2Error {
  return new S2Error({ code: "INVALID_ARGUMENT", message });
}
