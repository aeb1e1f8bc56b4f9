// The client of the Model Context Protocol, as agents have it, over `s2kit mcp`: what it lists, what it does
// with streams, how a failure comes to it. The recipe of docs/guides/recipes.md.

import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { createServer } from "@s2kit/server-lite";
import { expect, it } from "vitest";
import { CLI_PATH, temporaryDirectory } from "./harness/command.js";

const BASIN = "agents-basin";

it("gives an agent streams as tools", async () => {
  await using directory = await temporaryDirectory();
  const server = createServer({ port: 0 });
  const { url } = await server.listen();
  await fetch(`${url}/v1/basins/${BASIN}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ config: { create_stream_on_append: true } }),
  });
  const client = new Client({ name: "test", version: "1" });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [CLI_PATH, "mcp", "--allow-append"],
      env: { HOME: directory.path, S2_ENDPOINT: url, S2_ACCESS_TOKEN: "ignored" },
    }),
  );
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name).sort()).toEqual([
    "append_records",
    "check_tail",
    "list_basins",
    "list_streams",
    "read_records",
  ]);
  const call = async (name: string, args: Record<string, unknown>): Promise<string> => {
    const { content, isError } = await client.callTool({ name, arguments: args });
    return `${isError === true ? "failed" : "fine"}: ${JSON.stringify(content)}`;
  };
  const uri = `s2://${BASIN}/notes`;
  expect(await call("append_records", { uri, records: [{ body: "a note" }] })).toMatch(/^fine/);
  expect(await call("read_records", { uri, seq_num: 0 })).toMatch(/^fine.*a note/);
  expect(await call("check_tail", { uri: `s2://${BASIN}/none` })).toMatch(
    /^failed.*stream_not_found/,
  );
  await client.close();
  await server.close();
});
