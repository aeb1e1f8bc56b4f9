// The tools that `mcp` offers: list, look at the tail, read, and with --allow-append append. Answers
// are bounded, so that one call can flood nobody; names and shapes are those of the HTTP API.

import { AppendInput, type S2, type S2Stream } from "@s2kit/client";
import {
  type AppendRecord,
  decodeUtf8,
  encodeBase64,
  encodeUtf8,
  RangeNotSatisfiableError,
  type ReadFrom,
  type SequencedRecord,
} from "@s2kit/core";
import { basinJson, positionJson, streamJson } from "../api-json.js";
import { given } from "../command.js";
import { parseBasinArgument, parseStreamUri, type StreamUri } from "../uri.js";
import { InvalidParams, type Params } from "./json-rpc.js";
import type { Scope } from "./scope.js";

const MAX_LISTED = 200;
const DEFAULT_RECORDS = 50;
const MAX_RECORDS = 1000;
const MAX_READ_BYTES: number = 256 * 1024;

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
  /** Whether calling it changes nothing. */
  readonly isReadOnly: boolean;
  run(args: Params): Promise<unknown>;
}

export interface ToolParts {
  readonly client: S2;
  readonly scope: Scope;
  readonly allowsAppend: boolean;
}

export function toolsOf(parts: ToolParts): readonly Tool[] {
  const reading = [listBasins(parts), listStreams(parts), checkTail(parts), readRecords(parts)];
  return parts.allowsAppend ? [...reading, appendRecords(parts)] : reading;
}

const TEXT = { type: "string" } as const;
const URI = { type: "string", description: "s2://basin/stream" } as const;
const COUNT = { type: "integer", minimum: 0 } as const;

function schema(required: readonly string[], properties: object): object {
  return { type: "object", properties, required, additionalProperties: false };
}

function listBasins({ client, scope }: ToolParts): Tool {
  return {
    name: "list_basins",
    description: `List basins by name; at most ${MAX_LISTED}.`,
    inputSchema: schema([], { prefix: TEXT }),
    isReadOnly: true,
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

function listStreams({ client, scope }: ToolParts): Tool {
  return {
    name: "list_streams",
    description: `List the streams of a basin by name; at most ${MAX_LISTED}.`,
    inputSchema: schema(["basin"], { basin: TEXT, prefix: TEXT }),
    isReadOnly: true,
    async run(args) {
      const basin = parseBasinArgument(needText(args, "basin"));
      const streams: unknown[] = [];
      for (const prefix of scope.prefixesIn(basin, textOf(args, "prefix") ?? ""))
        for await (const info of client.basin(basin).streams.listAll({ prefix })) {
          if (streams.length === MAX_LISTED) break;
          streams.push(streamJson(info, basin));
        }
      return { streams };
    },
  };
}

function checkTail(parts: ToolParts): Tool {
  return {
    name: "check_tail",
    description: "The next sequence number of a stream and the timestamp of its last record.",
    inputSchema: schema(["uri"], { uri: URI }),
    isReadOnly: true,
    async run(args) {
      return { tail: positionJson((await streamOf(parts, args).checkTail()).tail) };
    },
  };
}

function readRecords(parts: ToolParts): Tool {
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
    isReadOnly: true,
    async run(args) {
      const stream = streamOf(parts, args);
      const from = startOf(args);
      const count = Math.min(wholeOf(args, "count") ?? DEFAULT_RECORDS, MAX_RECORDS);
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

function appendRecords(parts: ToolParts): Tool {
  const record = {
    type: "object",
    properties: {
      body: TEXT,
      headers: {
        type: "array",
        items: { type: "array", items: TEXT, minItems: 2, maxItems: 2 },
      },
      timestamp: COUNT,
    },
    additionalProperties: false,
  };
  return {
    name: "append_records",
    description:
      "Append records in one batch: all of them or none. With match_seq_num only if that is the next sequence number.",
    inputSchema: schema(["uri", "records"], {
      uri: URI,
      records: { type: "array", items: record, minItems: 1, maxItems: MAX_RECORDS },
      match_seq_num: COUNT,
      fencing_token: TEXT,
    }),
    isReadOnly: false,
    async run(args) {
      const stream = streamOf(parts, args);
      if (!Array.isArray(args.records)) throw new InvalidParams("records must be a list");
      const input = AppendInput.create(args.records.map(recordOf), {
        ...given("matchSeqNum", wholeOf(args, "match_seq_num")),
        ...given("fencingToken", textOf(args, "fencing_token")),
      });
      const { start, end, tail } = await stream.append(input);
      return { start: positionJson(start), end: positionJson(end), tail: positionJson(tail) };
    },
  };
}

function streamOf({ client, scope }: ToolParts, args: Params): S2Stream {
  const uri: StreamUri = parseStreamUri(needText(args, "uri"));
  scope.requireStream(uri);
  return client.basin(uri.basin).stream(uri.stream);
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

function recordOf(value: unknown): AppendRecord {
  if (typeof value !== "object" || value === null)
    throw new InvalidParams("a record must be an object");
  const record = value as Params;
  const { headers = [] } = record;
  const isPair = (pair: unknown): pair is [string, string] =>
    Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === "string");
  if (!Array.isArray(headers) || !headers.every(isPair))
    throw new InvalidParams('headers must be pairs of strings, e.g. [["name","value"]]');
  return {
    timestamp: wholeOf(record, "timestamp"),
    headers: headers.map(([name, text]) => [encodeUtf8(name), encodeUtf8(text)] as const),
    body: encodeUtf8(textOf(record, "body") ?? ""),
  };
}

function textOf(args: Params, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || typeof value === "string") return value;
  throw new InvalidParams(`${name} must be a string`);
}

function needText(args: Params, name: string): string {
  const value = textOf(args, name);
  if (value === undefined) throw new InvalidParams(`${name} is missing`);
  return value;
}

function wholeOf(args: Params, name: string): number | undefined {
  const value = args[name];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidParams(`${name} must be an integer from 0 to 2^53 - 1`);
}
