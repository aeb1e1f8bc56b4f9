// `mcp`: the streams as tools of the Model Context Protocol, over stdin and stdout, for programs
// that speak it. Reads only, unless --allow-append; fence and trim, which lock out and delete, only
// with --allow-commands; everything the token allows, unless --only. Failures of the server are
// answers, with the hint a person would get. Spec: cli#conventions.

import type { Context } from "../frame/context.js";
import { hintFor } from "../frame/error-report.js";
import type { Input } from "../frame/input.js";
import { VERSION } from "../frame/version.js";
import { requireKnown } from "../mcp/arguments.js";
import { InvalidParams, type Methods, serveJsonRpc } from "../mcp/json-rpc.js";
import { readingTools } from "../mcp/reading-tools.js";
import { Scope } from "../mcp/scope.js";
import type { Tool } from "../mcp/tool.js";
import { appendingTools, commandTools } from "../mcp/writing-tools.js";
import { untilAborted } from "../records/record-source.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { suggestion } from "../values/suggestion.js";

/** Newest first; a peer that asks for another gets the newest and decides. */
const PROTOCOLS = ["2025-06-18", "2025-03-26", "2024-11-05"] as const;

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const { out, interrupt } = context;
  const scope = new Scope(input.get<readonly string[]>("only") ?? []);
  const client = await context.client({ appendRetryPolicy: "noSideEffects" });
  const components = { client, scope };
  const tools = [
    ...readingTools(components),
    ...(input.is("allow-append") ? appendingTools(components) : []),
    ...(input.is("allow-commands") ? commandTools(components) : []),
  ];
  const source = untilAborted(context.stdin, interrupt);
  await serveJsonRpc(source, (line) => out.write(line), methodsOf(context, tools));
  return interrupt.aborted ? EXIT.interrupted : EXIT.ok;
}

function methodsOf(context: Context, tools: readonly Tool[]): Methods {
  return {
    initialize: ({ protocolVersion }) => ({
      protocolVersion: PROTOCOLS.find((each) => each === protocolVersion) ?? PROTOCOLS[0],
      capabilities: { tools: { listChanged: false } },
      serverInfo: { name: "s2kit", version: VERSION },
    }),
    "notifications/initialized": () => undefined,
    "notifications/cancelled": () => undefined,
    ping: () => ({}),
    "tools/list": () => ({
      tools: tools.map(({ name, description, inputSchema, effect }) => ({
        name,
        description,
        inputSchema,
        annotations: { readOnlyHint: effect === "none", destructiveHint: effect === "destroys" },
      })),
    }),
    "tools/call": async ({ name, arguments: args = {} }) => {
      const tool = tools.find((each) => each.name === name);
      if (tool === undefined) throw new InvalidParams(noSuchTool(String(name), tools));
      if (typeof args !== "object" || args === null || Array.isArray(args))
        throw new InvalidParams("arguments must be an object");
      return await callTool(context, tool, args as Readonly<Record<string, unknown>>);
    },
  };
}

function noSuchTool(name: string, tools: readonly Tool[]): string {
  const names = tools.map((tool) => tool.name);
  return `no such tool name=${name.slice(0, 64)}${suggestion(name, names)}`;
}

async function callTool(
  context: Context,
  tool: Tool,
  args: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  try {
    requireKnown(args, Object.keys(tool.inputSchema.properties), `argument of ${tool.name}`);
    const result = await tool.run(args);
    return { content: [{ type: "text", text: JSON.stringify(result) }], structuredContent: result };
  } catch (error) {
    const hint = hintFor(error, context.knownConnection);
    const message = error instanceof Error ? error.message : String(error);
    const text = hint === undefined ? message : `${message}\n${hint}`;
    return { content: [{ type: "text", text }], isError: true };
  }
}
