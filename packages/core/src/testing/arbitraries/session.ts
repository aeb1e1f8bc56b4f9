// Arbitrary frames, events and chunkings: what a session sends, and how a network cuts it up.
// Bodies are noise: what they carry is for the arbitraries of records.

import fc from "fast-check";
import {
  FencingTokenMismatchError,
  RangeNotSatisfiableError,
  S2Error,
  SeqNumMismatchError,
} from "../../error.js";
import { SERVER_ERROR_CODES } from "../../error-code.js";
import type { MessageFrame, TerminalFrame } from "../../s2s/frame.js";
import type { LastEventId } from "../../sse/last-event-id.js";
import { anyBytes, anyFencingToken, anyPosition, anyText, anyU64 } from "./record.js";

/** The body is arbitrary bytes, not a message, and not compressed whatever the flag says. */
export function anyMessageFrame(maxBodyBytes = 300): fc.Arbitrary<MessageFrame> {
  return fc.record({
    kind: fc.constant("message" as const),
    compression: fc.constantFrom("none", "zstd", "gzip"),
    reconnectAdvised: fc.boolean(),
    body: anyBytes(maxBodyBytes),
  });
}

/** Any terminal frame. */
export function anyTerminalFrame(): fc.Arbitrary<TerminalFrame> {
  return fc.record({
    kind: fc.constant("terminal" as const),
    status: fc.integer({ min: 0, max: 65_535 }),
    json: anyText(),
  });
}

/** Any id of an event. */
export function anyLastEventId(): fc.Arbitrary<LastEventId> {
  return fc.record({ seqNum: anyU64(), count: anyU64(), bytes: anyU64() });
}

/** An error as a server sends it: with a code of the API, or one of the structured ones. */
export function anyServerError(): fc.Arbitrary<S2Error> {
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(...SERVER_ERROR_CODES), anyText())
      .map(([code, message]) => new S2Error({ code, message, origin: "server" })),
    anyU64().map((seqNum) => new SeqNumMismatchError(seqNum, "server")),
    anyFencingToken().map((token) => new FencingTokenMismatchError(token, "server")),
    anyPosition().map((tail) => new RangeNotSatisfiableError(tail, "server")),
  );
}

/** The same bytes, cut at arbitrary places; empty chunks occur. */
export function anyChunking(bytes: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  return fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }).map((cuts) => {
    const edges = [0, ...cuts, bytes.length].sort((a, b) => a - b);
    return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
  });
}
