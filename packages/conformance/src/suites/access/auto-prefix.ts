// Tokens that put a prefix before every stream: tenants that never meet, and their lists.
// Cases of the suite in scopes.ts. Spec: control-plane#automatic-prefixes.

import { type Case, define } from "../../case.js";
import { equal, ok, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";
import { issue, NEEDS } from "./issue.js";

const GROUPS_OF_A_TENANT = {
  basin: { read: true, write: true },
  stream: { read: true, write: true },
};

async function autoPrefix(context: Context): Promise<void> {
  const basin = await context.basin();
  const tenant = (prefix: string): Promise<{ token: string }> =>
    issue(
      context,
      {
        basins: { exact: basin },
        streams: { prefix },
        op_groups: GROUPS_OF_A_TENANT,
      },
      { auto_prefix_streams: true },
    );
  for (const prefix of ["a/", "b/"]) {
    const { token } = await tenant(prefix);
    equal(
      status(
        await context.call("POST", "/v1/streams", { basin, token, json: { stream: "s" } }),
        201,
      ).json.name,
      "s",
      "name",
    );
    status(
      await context.call("POST", "/v1/streams/s/records", {
        basin,
        token,
        json: { records: [{ body: prefix }] },
      }),
      200,
    );
    const list = status(await context.call("GET", "/v1/streams", { basin, token }), 200);
    equal(
      list.json.streams.map((each: { name: string }) => each.name),
      ["s"],
      "list of a tenant",
    );
    const missing = refused(
      await context.call("GET", "/v1/streams/none", { basin, token }),
      404,
      "stream_not_found",
    );
    ok(!missing.text.includes(prefix), `the prefix is in an error: ${missing.text}`);
  }
  const all = status(await context.call("GET", "/v1/streams", { basin }), 200);
  equal(
    all.json.streams.map((each: { name: string }) => each.name),
    ["a/s", "b/s"],
    "whole names",
  );
  const read = status(
    await context.call("GET", "/v1/streams/b%2Fs/records?seq_num=0", { basin }),
    200,
  );
  equal(read.json.records[0].body, "b/", "records");
  const { token } = await tenant("long/");
  refused(
    await context.call("POST", "/v1/streams", { basin, token, json: { stream: "x".repeat(508) } }),
    400,
    "bad_json",
    "the whole name counts",
  );
}

async function autoPrefixOfLists(context: Context): Promise<void> {
  const basin = await context.basin();
  for (const stream of ["p", "p1", "p2", "p3", "q"])
    status(await context.call("PUT", `/v1/streams/${stream}`, { basin }), 201);
  const { token } = await issue(
    context,
    { basins: { exact: basin }, streams: { prefix: "p" }, op_groups: GROUPS_OF_A_TENANT },
    { auto_prefix_streams: true },
  );
  const ask = (query: string): Promise<Answer> =>
    context.call("GET", `/v1/streams?${query}`, { basin, token });
  const page = async (query: string): Promise<unknown> => {
    const { json } = status(await ask(query), 200);
    return [json.streams.map((each: { name: string }) => each.name), json.has_more];
  };
  // The stream that is named like the prefix has no name for the tenant.
  equal(await page("limit=2"), [["1", "2"], true], "first page");
  equal(await page("limit=2&start_after=2"), [["3"], false], "a cursor of the tenant");
  equal(await page("prefix=2"), [["2"], false], "a prefix of the tenant");
  equal(await page("start_after=9"), [[], false], "a cursor beyond all of them");
  refused(await ask(`start_after=${"x".repeat(512)}`), 400, "bad_query", "the whole cursor counts");
  const again = await context.call("POST", "/v1/streams", { basin, token, json: { stream: "1" } });
  refused(again, 409, "resource_already_exists");
  ok(!again.text.includes("p1"), `the prefix is in an error: ${again.text}`);
}

export const AUTO_PREFIX: readonly Case[] = [
  define("auto-prefix", "c#automatic-prefixes", "two tenants never meet", autoPrefix, NEEDS),
  define(
    "auto-prefix-lists",
    "c#automatic-prefixes c#lists",
    "cursors and prefixes of lists are the tenant's own",
    autoPrefixOfLists,
    NEEDS,
  ),
];
