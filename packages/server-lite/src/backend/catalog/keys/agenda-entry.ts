// When somebody has to look at a stream next. Numbers are padded: the order of the keys is that of
// time.
//
//     "d/" due secs "/" stream id    [basin, stream]

import { assert } from "@s2kit/core";
import type { StreamId } from "../../../storage/storage.js";
import { listOf, text } from "./decode.js";
import type { KeyKind } from "./key-kind.js";

const PREFIX = "d/";
const DUE_DIGITS = 12;
/** Latest time that a key can hold: what is due later is never due. */
export const MAX_DUE_SECS: number = 10 ** DUE_DIGITS - 1;
assert(Number.isSafeInteger(MAX_DUE_SECS), "every time that the digits can say is exact");

export interface Appointment {
  readonly dueSecs: number;
  readonly streamId: StreamId;
}

export const AGENDA: KeyKind<Appointment, readonly [basin: string, stream: string]> = {
  prefix: PREFIX,
  key: ({ dueSecs, streamId }) =>
    `${PREFIX}${String(dueSecs).padStart(DUE_DIGITS, "0")}/${String(streamId).padStart(16, "0")}`,
  partsOf: (name) => ({
    dueSecs: Number(name.slice(0, DUE_DIGITS)),
    streamId: Number(name.slice(DUE_DIGITS + 1)),
  }),
  decode(json) {
    const [basin, stream] = listOf(text)(json);
    return [text(basin), text(stream)];
  },
};
