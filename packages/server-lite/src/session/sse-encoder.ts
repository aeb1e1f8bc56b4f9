// Read items as server-sent events. The data of a live batch is made once per format, however many
// followers get it, and its whole event once for all whose ids are equal; ids carry totals over all
// connections of a read. Spec: data-plane#sse.

import {
  type Clock,
  decodeReadBatch,
  encodeUtf8,
  errorToWire,
  type LastEventId,
  type RecordFormat,
  readBatchToJson,
  type SequencedRecord,
} from "@s2kit/core";
import {
  encodeBatchEvent,
  encodeBatchEventData,
  encodeBatchEventHead,
  encodeErrorEvent,
  encodePingEvent,
  SSE_DONE_EVENT,
} from "@s2kit/core/server";
import type { LiveBatch } from "../backend/append/live-batch.js";
import type { ReadItem } from "../backend/read/read-item.js";
import { SharedOutput } from "../exchange/shared-output.js";
import type { ReadEncoder } from "./read-session.js";

/** Below this, an event of its own is cheaper as a copy than as two parts of a write. */
const JOIN_BYTES = 16 * 1024;

interface SharedEvent {
  readonly count: number;
  readonly meteredBytes: number;
  readonly output: SharedOutput;
}

/** @param resumed - what earlier connections of this read have delivered */
export function createSseEncoder(
  format: RecordFormat,
  clock: Clock,
  resumed: LastEventId | undefined,
): ReadEncoder {
  let count = resumed?.count ?? 0;
  let bytes = resumed?.bytes ?? 0;
  const keys = { event: `event-${format}`, data: `data-${format}` };
  return {
    encode(item) {
      if (item.count === 0)
        return item.tail === undefined ? [] : [encodeUtf8(encodePingEvent(clock.now(), item.tail))];
      count += item.count;
      bytes += item.meteredBytes;
      const id = { seqNum: item.lastSeqNum, count, bytes };
      const { shared } = item;
      if (shared !== undefined) return sharedEvent(item, shared, format, keys, id);
      return [encodeUtf8(encodeBatchEvent(itemToJson(item, format), id))];
    },
    end: () => encodeUtf8(SSE_DONE_EVENT),
    fail: (error) => encodeUtf8(encodeErrorEvent(errorToWire(error).body)),
  };
}

/** An item as the JSON of a ReadBatch. */
export function itemToJson(item: ReadItem, format: RecordFormat): string {
  const records: SequencedRecord[] = [];
  for (const part of item.parts) records.push(...decodeReadBatch(part).records);
  const batch = item.tail === undefined ? { records } : { records, tail: item.tail };
  return JSON.stringify(readBatchToJson(batch, format));
}

interface Keys {
  readonly event: string;
  readonly data: string;
}

/** Followers that began together have equal totals: the bytes of their events are the same. */
function sharedEvent(
  item: ReadItem,
  shared: LiveBatch,
  format: RecordFormat,
  keys: Keys,
  id: LastEventId,
): SharedOutput {
  const last = shared.encoded(keys.event) as SharedEvent | undefined;
  if (last?.count === id.count && last.meteredBytes === id.bytes) return last.output;
  const output = withHead(encodeBatchEventHead(id), sharedData(item, shared, format, keys.data));
  const event: SharedEvent = { count: id.count, meteredBytes: id.bytes, output };
  shared.remember(keys.event, event, output.buffers);
  return output;
}

function withHead(head: string, data: Uint8Array): SharedOutput {
  if (data.length > JOIN_BYTES) return SharedOutput.of([encodeUtf8(head), data]);
  // Digits and commas: one byte each.
  const { output, bytes } = SharedOutput.allocate(head.length + data.length);
  bytes.write(head, "latin1");
  bytes.set(data, head.length);
  return output;
}

function sharedData(
  item: ReadItem,
  shared: LiveBatch,
  format: RecordFormat,
  key: string,
): Uint8Array {
  const known = shared.encoded(key) as Uint8Array | undefined;
  if (known !== undefined) return known;
  const data = encodeUtf8(encodeBatchEventData(itemToJson(item, format)));
  shared.remember(key, data, [data.buffer]);
  return data;
}
