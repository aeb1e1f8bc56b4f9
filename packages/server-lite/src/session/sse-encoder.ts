// Read items as server-sent events. The JSON of a live batch is made once per format, however many
// followers get it; ids carry totals over all connections of a read. Spec: data-plane#sse.

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
  encodeErrorEvent,
  encodePingEvent,
  SSE_DONE_EVENT,
} from "@s2kit/core/server";
import type { LiveBatch } from "../backend/append/live-batch.js";
import type { ReadItem } from "../backend/read/reader.js";
import type { ReadEncoder } from "./read-session.js";

interface SharedEvent {
  readonly count: number;
  readonly meteredBytes: number;
  readonly event: Uint8Array;
}

/** @param resumed - what earlier connections of this read have delivered */
export function createSseEncoder(
  format: RecordFormat,
  clock: Clock,
  resumed: LastEventId | undefined,
): ReadEncoder {
  let count = resumed?.count ?? 0;
  let bytes = resumed?.bytes ?? 0;
  return {
    encode(item) {
      if (item.count === 0)
        return item.tail === undefined ? [] : [encodeUtf8(encodePingEvent(clock.now(), item.tail))];
      count += item.count;
      bytes += item.meteredBytes;
      const id = { seqNum: item.lastSeqNum, count, bytes };
      return [sharedEvent(item, format, id)];
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

/** Followers that began together have equal totals: the bytes of their events are the same. */
function sharedEvent(item: ReadItem, format: RecordFormat, id: LastEventId): Uint8Array {
  const { shared } = item;
  if (shared === undefined) return encodeUtf8(encodeBatchEvent(itemToJson(item, format), id));
  const key = `event-${format}`;
  const last = shared.encoded(key) as SharedEvent | undefined;
  if (last?.count === id.count && last.meteredBytes === id.bytes) return last.event;
  const event = encodeUtf8(encodeBatchEvent(sharedJson(item, shared, format), id));
  shared.remember(key, { count: id.count, meteredBytes: id.bytes, event }, event.length);
  return event;
}

function sharedJson(item: ReadItem, shared: LiveBatch, format: RecordFormat): string {
  const key = `json-${format}`;
  const known = shared.encoded(key) as string | undefined;
  if (known !== undefined) return known;
  const json = itemToJson(item, format);
  shared.remember(key, json, 2 * json.length);
  return json;
}
