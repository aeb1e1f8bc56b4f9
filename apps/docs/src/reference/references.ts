// Every page that is made from the code, by its path in the site. Starts a server in this process
// to ask it for its description, and loads the build of the command.

import { createServer } from "@s2kit/server-lite";
import { apiPages } from "./api.ts";
import { cliPage, loadCommands } from "./cli.ts";
import { httpPage, type OpenApi } from "./http.ts";

/** @param hasApi - false leaves the reference of the packages out, which takes most of the time */
export async function makeReferences(hasApi: boolean): Promise<Map<string, string>> {
  return new Map([
    ["reference/cli.md", cliPage(await loadCommands())],
    ["reference/http.md", httpPage(await describeServer())],
    ...(hasApi ? await apiPages() : []),
  ]);
}

/** What a server says of itself. */
export async function describeServer(): Promise<OpenApi> {
  await using server = createServer();
  await server.open();
  const answer = await server.fetch(new Request("http://localhost/openapi.json"));
  return (await answer.json()) as OpenApi;
}
