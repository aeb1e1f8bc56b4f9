// The tools that `mcp` always offers, which change nothing: list, look at the tail, read. Answers
// are bounded, so that one call can flood nobody; names and shapes are those of the HTTP API.

import {
  decodeUtf8,
  encodeBase64,
  RangeNotSatisfiableError,
  type ReadFrom,
  type SequencedRecord,
} from "@s2kit/core";
import { basinJson, positionJson, streamJson } from "../show/api-json.js";
import { parseBasinArgument } from "../values/uri.js";
import { needText, textOf, wholeOf } from "./arguments.js";
import { InvalidParams, type Params } from "./json-rpc.js";
import { COUNT, schema, streamOf, TEXT, type Tool, type ToolComponents, URI } from "./tool.js";

const MAX_LISTED = 200;
const DEFAULT_RECORDS = 50;
const MAX_RECORDS = 1000;
const MAX_READ_BYTES: number = 256 * 1024;

export function readingTools(components: ToolComponents): readonly Tool[] {
  return [
    listBasins(components),
    listStreams(components),
    checkTail(components),
    readRecords(components),
  ];
}

function listBasins({ client, scope }: ToolComponents): Tool {
  return {
    name: "list_basins",
    description: `List basins by name; at most ${MAX_LISTED}.`,
    inputSchema: schema([], { prefix: TEXT }),
    effect: "none",
    async run(args) {
      const basins: unknown[] = [];
      for await (const info of client.basins.listAll({ prefix: textOf(args, "prefix") ?? "" })) {
        if (basins.length === MAX_LISTED) break;
        if (scope.allowsBasin(info.name)) basins.push(basinJson(info));
      }
      return { basins };
    },
  };
}

function listStreams({ client, scope }: ToolComponents): Tool {
  return {
    name: "list_streams",
    description: `List the streams of a basin by name; at most ${MAX_LISTED}.`,
    inputSchema: schema(["basin"], { basin: TEXT, prefix: TEXT }),
    effect: "none",
    async run(args) {
      const basin = parseBasinArgument(needText(args, "basin"));
      const streams: unknown[] = [];
      for (const prefix of scope.prefixesIn(basin, textOf(args, "prefix") ?? ""))
        for await (const info of client.basin(basin).streams.listAll({ prefix })) {
          if (streams.length === MAX_LISTED) break;
          if (scope.allowsStream(basin, info.name)) streams.push(streamJson(info, basin));
        }
      return { streams };
    },
  };
}

function checkTail(components: ToolComponents): Tool {
  return {
    name: "check_tail",
    description: "The next sequence number of a stream and the timestamp of its last record.",
    inputSchema: schema(["uri"], { uri: URI }),
    effect: "none",
    async run(args) {
      return { tail: positionJson((await streamOf(components, args).checkTail()).tail) };
    },
  };
}

function readRecords(components: ToolComponents): Tool {
  return {
    name: "read_records",
    description:
      `Read records from one start: seq_num, timestamp (ms) or tail_offset (records before the tail; default ${DEFAULT_RECORDS}). ` +
      `At most ${MAX_RECORDS} records and ${MAX_READ_BYTES / 1024} KiB a call; go on at next_seq_num. Bodies that are not UTF-8 come as body_base64.`,
    inputSchema: schema(["uri"], {
      uri: URI,
      seq_num: COUNT,
      timestamp: COUNT,
      tail_offset: COUNT,
      count: { type: "integer", minimum: 1, maximum: MAX_RECORDS },
    }),
    effect: "none",
    async run(args) {
      const stream = streamOf(components, args);
      const from = startOf(args);
      const count = Math.min(wholeOf(args, "count") ?? DEFAULT_RECORDS, MAX_RECORDS);
      if (count === 0) throw new InvalidParams("count must be at least 1");
      try {
        const { records, tail } = await stream.read(
          {
            start: { from, clamp: true },
            stop: { limits: { count, bytes: MAX_READ_BYTES }, waitSecs: 0 },
          },
          { as: "bytes" },
        );
        const last = records.at(-1);
        return {
          records: records.map(recordJson),
          ...(last === undefined ? {} : { next_seq_num: last.seqNum + 1 }),
          ...(tail === undefined ? {} : { tail: positionJson(tail) }),
        };
      } catch (error) {
        // Nothing there yet is an answer, not a failure.
        if (!(error instanceof RangeNotSatisfiableError)) throw error;
        return {
          records: [],
          next_seq_num: error.tail.seqNum,
          tail: positionJson(error.tail),
        };
      }
    },
  };
}

function startOf(args: Params): ReadFrom {
  const seqNum = wholeOf(args, "seq_num");
  const timestamp = wholeOf(args, "timestamp");
  const tailOffset = wholeOf(args, "tail_offset");
  if ([seqNum, timestamp, tailOffset].filter((each) => each !== undefined).length > 1)
    throw new InvalidParams("give one of seq_num, timestamp and tail_offset");
  if (seqNum !== undefined) return { seqNum };
  if (timestamp !== undefined) return { timestamp };
  return { tailOffset: tailOffset ?? DEFAULT_RECORDS };
}

function recordJson({ seqNum, timestamp, headers, body }: SequencedRecord): unknown {
  const text = decodeUtf8(body);
  return {
    seq_num: seqNum,
    timestamp,
    ...(headers.length === 0
      ? {}
      : {
          headers: headers.map(([name, value]) => [
            Buffer.from(name).toString(),
            decodeUtf8(value) ?? encodeBase64(value),
          ]),
        }),
    ...(text === undefined ? { body_base64: encodeBase64(body) } : { body: text }),
  };
}
