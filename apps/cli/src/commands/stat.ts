// `stat`: one stream at a glance: first and next sequence number, times, configuration. The count
// is of sequence numbers, fence and trim records included. Spec: cli#stat.

import type { S2Stream } from "@s2kit/client";
import { RangeNotSatisfiableError, type SequencedRecord } from "@s2kit/core";
import { streamConfigToJson } from "@s2kit/core/control";
import { encryptionKeyOf } from "../flags/encryption-key.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { positionJson } from "../show/api-json.js";
import { fieldTable, streamFields } from "../show/config-view.js";
import { given } from "../values/given.js";
import { formatStreamUri, type StreamUri } from "../values/uri.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { basin, stream: name } = input.need<StreamUri>("uri");
  const { out } = context;
  const key = await encryptionKeyOf(input, context.env);
  const client = await context.client();
  const stream = client.basin(basin).stream(name, given("encryptionKey", key));
  // The first one last: what is appended meanwhile must not make the stream shorter than nothing.
  const [{ tail }, config] = await Promise.all([
    stream.checkTail(),
    client.basin(basin).streams.getConfig({ stream: name }),
  ]);
  const first = await firstRecord(stream);
  const records = first === undefined ? 0 : Math.max(0, tail.seqNum - first.seqNum);
  if (out.isJson) {
    await out.json({
      uri: formatStreamUri(basin, name),
      first: first === undefined ? null : positionJson(first),
      tail: positionJson(tail),
      records,
      config: streamConfigToJson(config),
    });
    return;
  }
  const place = (seqNum: number, timestamp: number): string => `${seqNum} @ ${timeText(timestamp)}`;
  await out.line(
    fieldTable(
      [
        ["first", first === undefined ? "none" : place(first.seqNum, first.timestamp)],
        ["tail", tail.seqNum === 0 ? "0, never written" : place(tail.seqNum, tail.timestamp)],
        ["records", String(records)],
        ...streamFields(config),
      ],
      out,
    ),
  );
}

async function firstRecord(stream: S2Stream): Promise<SequencedRecord | undefined> {
  try {
    const { records } = await stream.read(
      {
        start: { from: { seqNum: 0 }, clamp: true },
        stop: { limits: { count: 1 }, waitSecs: 0 },
      },
      { as: "bytes" },
    );
    return records[0];
  } catch (error) {
    if (error instanceof RangeNotSatisfiableError) return undefined;
    throw error;
  }
}

/** Timestamps of clients may lie beyond what a date can be. */
function timeText(timestamp: number): string {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? String(timestamp) : date.toISOString();
}
