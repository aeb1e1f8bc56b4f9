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

it("allows exactly one stream when --only names one", async () => {
  for (const name of ["one", "one-more", "one/below"])
    await cli.okRun(["append", `s2://mcp-basin/${name}`], { input: "x\n" });
  const flags = ["--only", "s2://mcp-basin/one", "--allow-append"];
  const listed = await callTool("list_streams", { basin: "mcp-basin" }, flags);
  expect(listed.structuredContent).toMatchObject({ streams: [{ name: "one" }] });
  const read = await callTool("read_records", { uri: "s2://mcp-basin/one" }, flags);
  expect(read.structuredContent).toMatchObject({ records: [{ body: "x" }] });
  for (const name of ["one-more", "one/below", "on"]) {
    const uri = `s2://mcp-basin/${name}`;
    for (const [tool, args] of [
      ["read_records", { uri }],
      ["append_records", { uri, records: [{ body: "y" }] }],
    ] as const) {
      const refused = await callTool(tool, args, flags);
      expect(refused.content[0]?.text).toContain("allowed=s2://mcp-basin/one");
    }
  }
});

it("neither fences nor trims by an append, and with a switch of its own does both", async () => {
  const uri = "s2://mcp-basin/guarded";
  await cli.okRun(["append", uri], { input: "a\nb\n" });
  for (const name of ["trim", "fence"]) {
    const records = [
      { headers: [["", name]], body: name === "trim" ? "\0\0\0\0\0\0\0\u0002" : "x" },
    ];
    const refused = await callTool("append_records", { uri, records }, ["--allow-append"]);
    expect([refused.isError, refused.content[0]?.text]).toEqual([
      true,
      expect.stringContaining("--allow-commands"),
    ]);
  }
  expect(await cli.ok("check-tail", uri)).toMatch(/^2 @/);
  const [listed, refused] = await talk(
    ["--allow-append"],
    [
      request(1, "tools/list"),
      request(2, "tools/call", { name: "trim_records", arguments: { uri, before_seq_num: 1 } }),
    ],
  );
  expect(JSON.stringify(listed)).not.toMatch(/trim_records|fencing_token"[^:]*destructive/);
  expect(refused?.error).toMatchObject({ code: -32_602 });

  const [offered] = await talk(["--allow-commands"], [request(1, "tools/list")]);
  const { tools = [] } = (offered?.result ?? {}) as { readonly tools?: Message[] };
  expect(tools.slice(-2)).toMatchObject([
    { name: "set_fencing_token", annotations: { readOnlyHint: false, destructiveHint: true } },
    { name: "trim_records", annotations: { readOnlyHint: false, destructiveHint: true } },
  ]);
  await callTool("trim_records", { uri, before_seq_num: 1 }, ["--allow-commands"]);
  await callTool("set_fencing_token", { uri, token: "mine" }, ["--allow-commands"]);
  expect((await cli.run(["append", uri, "-f", "other"], { input: "c\n" })).code).toBe(5);
  expect(await cli.ok("read", uri, "-s", "0", "-n", "9")).toBe("b\n");
});

it("refuses arguments that it does not know, and names the nearest one", async () => {
  const uri = "s2://mcp-basin/strict";
  await cli.okRun(["append", uri], { input: "a\n" });
  for (const [name, args, message] of [
    ["read_records", { uri, seqNum: 0 }, 'name="seqNum": did you mean "seq_num"?'],
    ["read_records", { uri, limit: 5 }, 'name="limit": known are uri, seq_num'],
    ["list_basins", { uri }, 'name="uri": known are prefix'],
    [
      "append_records",
      { uri, records: [{ body: "b" }], match_seqnum: 7 },
      'name="match_seqnum": did you mean "match_seq_num"?',
    ],
    ["append_records", { uri, records: [{ bodi: "b" }] }, 'name="bodi": did you mean "body"?'],
  ] as const) {
    const refused = await callTool(name, args, ["--allow-append"]);
    expect([refused.isError, refused.content[0]?.text]).toEqual([
      true,
      expect.stringContaining(message),
    ]);
  }
  expect(await cli.ok("check-tail", uri)).toMatch(/^1 @/);
  const [tool] = await talk([], [request(1, "tools/call", { name: "read_record" })]);
  expect(JSON.stringify(tool?.error)).toContain("did you mean");
});

it("lists the streams of overlapping prefixes once", () => {
  const scope = new Scope(["s2://mcp-basin/a/", "s2://mcp-basin/a/b/", "s2://mcp-basin/c"]);
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
  const server = await Cli.withServer({ auth: true, rootToken: "root-token-of-mcp" });
  const call = request(1, "tools/call", { name: "list_basins", arguments: {} });
  const result = await server.okRun(["mcp"], {
    input: `${JSON.stringify(call)}\n`,
    env: { S2_ACCESS_TOKEN: "wrong-secret" },
  });
  expect(result.stdout).toContain("environment S2_ACCESS_TOKEN");
  expect(result.stdout + result.stderr).not.toContain("wrong-secret");
  await server.close();
});
