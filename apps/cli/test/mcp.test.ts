// `mcp`: what a program that speaks the protocol sees, message by message, against a real server.

import { afterAll, beforeAll, expect, it } from "vitest";
import { Scope } from "../src/mcp/scope.js";
import { Cli, jsonLinesOf } from "./harness/cli.js";

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.withServer();
  await cli.ok("create-basin", "mcp-basin", "--create-stream-on-append");
  await cli.ok("create-basin", "other-basin", "--create-stream-on-append");
  for (const uri of ["s2://mcp-basin/logs/a", "s2://mcp-basin/secret", "s2://other-basin/x"])
    await cli.okRun(["append", uri], { input: "one\ntwo\nthree\n" });
});

afterAll(async () => {
  await cli.close();
});

type Message = Record<string, unknown>;

/** Sends the messages, then ends the input; answers what came back. */
async function talk(flags: readonly string[], messages: readonly unknown[]): Promise<Message[]> {
  const input = messages
    .map((message) => (typeof message === "string" ? message : JSON.stringify(message)))
    .join("\n");
  const result = await cli.okRun(["mcp", ...flags], { input: `${input}\n` });
  expect(result.stderr).toBe("");
  return jsonLinesOf(result.stdout);
}

const request = (id: number, method: string, params: object = {}): Message => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});

interface ToolResult {
  readonly isError?: boolean;
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent?: Message;
}

async function callTool(
  name: string,
  args: object,
  flags: readonly string[] = [],
): Promise<ToolResult> {
  const [answer] = await talk(flags, [request(1, "tools/call", { name, arguments: args })]);
  return answer?.result as ToolResult;
}

it("introduces itself, lists its tools, and stays silent on notifications", async () => {
  const answers = await talk(
    [],
    [
      request(1, "initialize", { protocolVersion: "2025-03-26", capabilities: {} }),
      { jsonrpc: "2.0", method: "notifications/initialized" },
      request(2, "ping"),
      request(3, "tools/list"),
    ],
  );
  expect(answers.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(answers[0]?.result).toMatchObject({
    protocolVersion: "2025-03-26",
    capabilities: { tools: {} },
    serverInfo: { name: "s2kit" },
  });
  const listed = answers[2]?.result as { readonly tools: Message[] } | undefined;
  const tools = listed?.tools ?? [];
  expect(tools.map(({ name }) => name)).toEqual([
    "list_basins",
    "list_streams",
    "check_tail",
    "read_records",
  ]);
  for (const tool of tools)
    expect(tool).toMatchObject({
      inputSchema: { type: "object" },
      annotations: { readOnlyHint: true },
    });
});

it("reads in pages, says where to go on, and that nothing is there yet", async () => {
  const uri = "s2://mcp-basin/logs/a";
  const first = await callTool("read_records", { uri, seq_num: 0, count: 2 });
  expect(first.structuredContent).toMatchObject({
    records: [
      { seq_num: 0, body: "one" },
      { seq_num: 1, body: "two" },
    ],
    next_seq_num: 2,
  });
  expect(JSON.parse(first.content[0]?.text ?? "")).toEqual(first.structuredContent);
  const rest = await callTool("read_records", { uri, tail_offset: 1 });
  expect(rest.structuredContent).toMatchObject({ records: [{ body: "three" }], next_seq_num: 3 });
  const none = await callTool("read_records", { uri, seq_num: 3 });
  expect(none.structuredContent).toMatchObject({ records: [], tail: { seq_num: 3 } });
  const tail = await callTool("check_tail", { uri });
  expect(tail.structuredContent).toMatchObject({ tail: { seq_num: 3 } });
});

it("gives bodies that are no text as base64", async () => {
  const uri = "s2://mcp-basin/bytes";
  await cli.okRun(["append", uri], { input: Uint8Array.of(0xff, 0xfe, 10) });
  const { structuredContent } = await callTool("read_records", { uri, seq_num: 0 });
  expect(structuredContent?.records).toMatchObject([{ body_base64: "//4=" }]);
});

it("appends only when it was allowed to", async () => {
  const uri = "s2://mcp-basin/appended";
  const args = { uri, records: [{ body: "a", headers: [["k", "v"]] }, { body: "b" }] };
  const [refused] = await talk(
    [],
    [request(1, "tools/call", { name: "append_records", arguments: args })],
  );
  expect(refused?.error).toMatchObject({ code: -32_602 });
  const done = await callTool("append_records", args, ["--allow-append"]);
  expect(done.structuredContent).toMatchObject({ start: { seq_num: 0 }, end: { seq_num: 2 } });
  const matched = await callTool("append_records", { ...args, match_seq_num: 0 }, [
    "--allow-append",
  ]);
  expect(matched.isError).toBe(true);
  expect(matched.content[0]?.text).toContain("the next sequence number is 2");
  expect(await cli.ok("read", uri, "-s", "0", "-n", "9")).toBe("a\nb\n");
});

it("sees nothing outside of --only", async () => {
  const flags = ["--only", "s2://mcp-basin/logs/", "--allow-append"];
  expect((await callTool("list_basins", {}, flags)).structuredContent).toMatchObject({
    basins: [{ name: "mcp-basin" }],
  });
  const listed = await callTool("list_streams", { basin: "mcp-basin" }, flags);
  expect(listed.structuredContent).toMatchObject({ streams: [{ name: "logs/a" }] });
  for (const [name, args] of [
    ["read_records", { uri: "s2://mcp-basin/secret" }],
    ["check_tail", { uri: "s2://other-basin/x" }],
    ["list_streams", { basin: "other-basin" }],
    ["append_records", { uri: "s2://mcp-basin/log", records: [{ body: "x" }] }],
  ] as const) {
    const refused = await callTool(name, args, flags);
    expect(refused.isError).toBe(true);
    expect(refused.content[0]?.text).toContain("outside of what --only allows");
  }
  const wrong = await cli.run(["mcp", "--only", "ftp://x"]);
  expect(wrong.code).toBe(2);
});

it("lists the streams of overlapping prefixes once", () => {
  const scope = new Scope([
    { basin: "mcp-basin" as never, prefix: "a/" },
    { basin: "mcp-basin" as never, prefix: "a/b/" },
    { basin: "mcp-basin" as never, prefix: "c" },
  ]);
  expect(scope.prefixesIn("mcp-basin", "")).toEqual(["a/", "c"]);
  expect(scope.prefixesIn("mcp-basin", "a/b/x")).toEqual(["a/b/x"]);
  expect(scope.prefixesIn("mcp-basin", "z")).toEqual([]);
  expect(() => scope.prefixesIn("other-basin", "")).toThrow("outside");
});

it("answers what it does not understand with the errors of the standard", async () => {
  const answers = await talk(
    [],
    [
      "{nope",
      "[]",
      { jsonrpc: "2.0", id: 1 },
      request(2, "resources/list"),
      request(3, "tools/call", { name: "drop_everything" }),
      { jsonrpc: "2.0", id: 4, method: "ping", params: [] },
      request(5, "tools/call", { name: "check_tail", arguments: { uri: "mcp-basin" } }),
      request(6, "tools/call", { name: "check_tail", arguments: { uri: "s2://gone-basin/x" } }),
    ],
  );
  expect(answers.map((answer) => (answer.error as Message | undefined)?.code)).toEqual([
    -32_700,
    -32_600,
    -32_600,
    -32_601,
    -32_602,
    -32_602,
    undefined,
    undefined,
  ]);
  for (const answer of answers.slice(6)) expect(answer.result).toMatchObject({ isError: true });
  expect(JSON.stringify(answers[7])).toContain("see which exist");
});

it("tells of a token that is refused without showing it", async () => {
  const server = await Cli.withServer({ auth: true, rootToken: "root-of-mcp" });
  const call = request(1, "tools/call", { name: "list_basins", arguments: {} });
  const result = await server.okRun(["mcp"], {
    input: `${JSON.stringify(call)}\n`,
    env: { S2_ACCESS_TOKEN: "wrong-secret" },
  });
  expect(result.stdout).toContain("environment S2_ACCESS_TOKEN");
  expect(result.stdout + result.stderr).not.toContain("wrong-secret");
  await server.close();
});
