// The storage series of a stream. Ids are padded, so that their order is that of the numbers.
//
//     "u/stream/" id                 StreamRow

import type { StreamId } from "../../../storage/storage.js";
import { listOf, number, numbers, object, text } from "./decode.js";
import type { KeyKind } from "./key-kind.js";

const PREFIX = "u/stream/";

const factsOfMark = numbers(4);

/** A stream's tail at a moment: seqNum, and metered bytes of everything ever appended below it. */
export type StreamMark = readonly [
  atSecs: number,
  meteredBytes: number,
  seqNum: number,
  appended: number,
];

export interface StreamRow {
  readonly basin: string;
  readonly appended: number;
  readonly marks: readonly StreamMark[];
}

export const STREAM_ROW: KeyKind<StreamId, StreamRow> = {
  prefix: PREFIX,
  key: (streamId) => PREFIX + String(streamId).padStart(16, "0"),
  partsOf: Number,
  decode(json) {
    const { basin, appended, marks } = object(json);
    return { basin: text(basin), appended: number(appended), marks: listOf(mark)(marks) };
  },
};

function mark(json: unknown): StreamMark {
  const [atSecs, meteredBytes, seqNum, appended] = factsOfMark(json);
  return [number(atSecs), number(meteredBytes), number(seqNum), number(appended)];
}
