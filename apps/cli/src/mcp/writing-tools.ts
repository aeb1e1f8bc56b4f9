// The tools of `mcp` that write. Appending adds and can do nothing else: a record with an empty
// header name would be a command to the server (a fence locks writers out, a trim deletes), so
// those have tools and a switch of their own.

import { AppendInput, type S2Stream } from "@s2kit/client";
import { type AppendAck, type AppendRecord, encodeUtf8 } from "@s2kit/core";
import { positionJson } from "../show/api-json.js";
import { given } from "../values/given.js";
import { needText, needWhole, requireKnown, textOf, wholeOf } from "./arguments.js";
import { InvalidParams, type Params } from "./json-rpc.js";
import { COUNT, schema, streamOf, TEXT, type Tool, type ToolComponents, URI } from "./tool.js";

const MAX_RECORDS = 1000;

const RECORD = schema([], {
  body: TEXT,
  headers: {
    type: "array",
    items: { type: "array", items: TEXT, minItems: 2, maxItems: 2 },
  },
  timestamp: COUNT,
});

const CONDITIONS = { match_seq_num: COUNT, fencing_token: TEXT } as const;

export function appendingTools(components: ToolComponents): readonly Tool[] {
  return [appendRecords(components)];
}

export function commandTools(components: ToolComponents): readonly Tool[] {
  return [setFencingToken(components), trimRecords(components)];
}

function appendRecords(components: ToolComponents): Tool {
  return {
    name: "append_records",
    description:
      "Append records in one batch: all of them or none. With match_seq_num only if that is the next sequence number.",
    inputSchema: schema(["uri", "records"], {
      uri: URI,
      records: { type: "array", items: RECORD, minItems: 1, maxItems: MAX_RECORDS },
      ...CONDITIONS,
    }),
    effect: "adds",
    async run(args) {
      const stream = streamOf(components, args);
      if (!Array.isArray(args.records)) throw new InvalidParams("records must be a list");
      const input = AppendInput.create(args.records.map(recordOf), conditionsOf(args));
      return ackJson(await stream.append(input));
    },
  };
}

function setFencingToken(components: ToolComponents): Tool {
  return commandTool(components, {
    name: "set_fencing_token",
    description:
      'Fence a stream: from then on appends that give another token are refused. "" removes the fence.',
    argument: { token: TEXT },
    run: (stream, args) => stream.fence(needText(args, "token"), conditionsOf(args)),
  });
}

function trimRecords(components: ToolComponents): Tool {
  return commandTool(components, {
    name: "trim_records",
    description: "Delete all records of a stream before a sequence number, for good.",
    argument: { before_seq_num: COUNT },
    run: (stream, args) => stream.trim(needWhole(args, "before_seq_num"), conditionsOf(args)),
  });
}

function commandTool(
  components: ToolComponents,
  command: {
    readonly name: string;
    readonly description: string;
    readonly argument: Readonly<Record<string, object>>;
    run(stream: S2Stream, args: Params): Promise<AppendAck>;
  },
): Tool {
  const { name, description, argument } = command;
  return {
    name,
    description,
    inputSchema: schema(["uri", ...Object.keys(argument)], {
      uri: URI,
      ...argument,
      ...CONDITIONS,
    }),
    effect: "destroys",
    run: async (args) => ackJson(await command.run(streamOf(components, args), args)),
  };
}

function conditionsOf(args: Params): { matchSeqNum?: number; fencingToken?: string } {
  return {
    ...given("matchSeqNum", wholeOf(args, "match_seq_num")),
    ...given("fencingToken", textOf(args, "fencing_token")),
  };
}

function ackJson({ start, end, tail }: AppendAck): unknown {
  return { start: positionJson(start), end: positionJson(end), tail: positionJson(tail) };
}

function recordOf(value: unknown): AppendRecord {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new InvalidParams("a record must be an object");
  const record = value as Params;
  requireKnown(record, Object.keys(RECORD.properties), "key of a record");
  const { headers = [] } = record;
  const isPair = (pair: unknown): pair is [string, string] =>
    Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === "string");
  if (!Array.isArray(headers) || !headers.every(isPair))
    throw new InvalidParams('headers must be pairs of strings, e.g. [["name","value"]]');
  if (headers.some(([name]) => name === ""))
    throw new InvalidParams(
      "a header name is empty: that makes fence and trim commands, which have tools of their own (mcp --allow-commands)",
    );
  return {
    timestamp: wholeOf(record, "timestamp"),
    headers: headers.map(([name, text]) => [encodeUtf8(name), encodeUtf8(text)] as const),
    body: encodeUtf8(textOf(record, "body") ?? ""),
  };
}
