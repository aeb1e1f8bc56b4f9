// What a tool of `mcp` is, as data with one function, and what all of them share: the shapes of
// their arguments, and the stream that a URI names, if --only allows it.

import type { S2, S2Stream } from "@s2kit/client";
import { parseStreamUri, type StreamUri } from "../values/uri.js";
import { needText } from "./arguments.js";
import type { Params } from "./json-rpc.js";
import type { Scope } from "./scope.js";

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  /** What calling it does to what is stored: only `destroys` removes data or locks writers out. */
  readonly effect: "none" | "adds" | "destroys";
  /** Arguments whose names the schema does not know never get here. */
  run(args: Params): Promise<unknown>;
}

export interface ObjectSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

export interface ToolComponents {
  readonly client: S2;
  readonly scope: Scope;
}

export const TEXT = { type: "string" } as const;
export const URI = { type: "string", description: "s2://basin/stream" } as const;
export const COUNT = { type: "integer", minimum: 0 } as const;

export function schema(
  required: readonly string[],
  properties: Readonly<Record<string, object>>,
): ObjectSchema {
  return { type: "object", properties, required, additionalProperties: false };
}

/** @throws {InvalidParams} outside of --only */
export function streamOf({ client, scope }: ToolComponents, args: Params): S2Stream {
  const uri: StreamUri = parseStreamUri(needText(args, "uri"));
  scope.requireStream(uri);
  return client.basin(uri.basin).stream(uri.stream);
}
