// Access tokens: issuing, listing, revoking. Each case revokes what it issued at the end of the
// run. What they may do is in scopes.ts. Spec: control-plane#access-tokens.

import { type Case, define, type Suite } from "../../case.js";
import { equal, includes, ok, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";

const NEEDS = { needs: ["access-tokens"] } as const;
const HOUR = 3_600_000;

const post = (context: Context, json: unknown, token?: string): Promise<Answer> =>
  context.call("POST", "/v1/access-tokens", { json, token });

const inHours = (context: Context, hours: number): string =>
  new Date(context.now() + hours * HOUR).toISOString();

async function issueAndRevoke(context: Context): Promise<void> {
  const id = context.shared.workspace.tokenId();
  const made = status(
    await post(context, { id, scope: { ops: ["list-basins"], basins: { prefix: "" } } }),
    201,
  );
  ok(typeof made.json.access_token === "string" && made.json.access_token.length > 0, "the secret");
  refused(await post(context, { id, scope: { ops: ["read"] } }), 409, "resource_already_exists");
  const revoked = status(await context.call("DELETE", `/v1/access-tokens/${id}`), 204);
  equal(revoked.text, "", "body of 204");
  refused(await context.call("DELETE", `/v1/access-tokens/${id}`), 404, "access_token_not_found");
}

async function listed(context: Context): Promise<void> {
  const id = context.shared.workspace.tokenId();
  const expires = `${inHours(context, 1).slice(0, 19)}.123456789Z`;
  const made = await post(context, {
    id,
    expires_at: expires,
    scope: { ops: ["read"], streams: { prefix: "a/" } },
  });
  const secret = status(made, 201).json.access_token as string;
  const { json, text } = status(await context.call("GET", `/v1/access-tokens?prefix=${id}`), 200);
  equal(json.has_more, false, "has_more");
  equal(json.access_tokens.length, 1, "tokens");
  includes(
    json.access_tokens[0],
    {
      id,
      expires_at: expires,
      auto_prefix_streams: false,
      scope: {
        streams: { prefix: "a/" },
        basins: null,
        access_tokens: null,
        op_groups: {
          account: { read: false, write: false },
          basin: { read: false, write: false },
          stream: { read: false, write: false },
        },
        ops: ["read"],
      },
    },
    "info",
  );
  ok(!text.includes(secret), "the secret is shown once");
  status(await context.call("DELETE", `/v1/access-tokens/${id}`), 204);
  equal(
    (await context.call("GET", `/v1/access-tokens?prefix=${id}`)).json.access_tokens,
    [],
    "after its end",
  );
}

async function pages(context: Context): Promise<void> {
  const ids = [context.shared.workspace.tokenId(), context.shared.workspace.tokenId()].sort();
  for (const id of ids) status(await post(context, { id, scope: { ops: ["read"] } }), 201);
  const [first = "", second = ""] = ids;
  const after = status(
    await context.call("GET", `/v1/access-tokens?start_after=${first}&limit=1`),
    200,
  );
  equal(
    after.json.access_tokens.map((each: { id: string }) => each.id),
    [second],
    "strictly after the cursor",
  );
  refused(await context.call("GET", "/v1/access-tokens?limit=-1"), 400, "bad_query");
}

const BAD_IDS: readonly Case[] = ["", ".", "..", "a\0b", "x".repeat(97)].map((id, index) =>
  define(
    `bad-id-${index + 1}`,
    "c#names c#issue",
    `no token has the id ${JSON.stringify(id.slice(0, 12))}`,
    async (context) => {
      refused(await post(context, { id, scope: { ops: ["read"] } }), 400, "bad_json");
      if (id === "") return;
      const path = `/v1/access-tokens/${encodeURIComponent(id).replaceAll(".", "%2E")}`;
      refused(await context.call("DELETE", path), 400, "bad_path");
    },
    NEEDS,
  ),
);

const REFUSED: readonly (readonly [string, object, number])[] = [
  ["no-scope", {}, 400],
  ["scope-null", { scope: null }, 400],
  ["no-operation", { scope: {} }, 422],
  ["ops-empty", { scope: { ops: [] } }, 422],
  ["groups-empty", { scope: { op_groups: { account: {}, stream: { read: false } } } }, 422],
  ["unknown-operation", { scope: { ops: ["fly"] } }, 400],
  ["ops-text", { scope: { ops: "read" } }, 400],
  ["set-two-keys", { scope: { ops: ["read"], streams: { exact: "a", prefix: "b" } } }, 400],
  ["set-text", { scope: { ops: ["read"], streams: "a" } }, 400],
  ["expired", { scope: { ops: ["read"] }, expires_at: "2020-01-01T00:00:00Z" }, 422],
  ["expiry-no-time", { scope: { ops: ["read"] }, expires_at: "tomorrow" }, 400],
  [
    "auto-prefix-exact",
    { scope: { ops: ["read"], streams: { exact: "a" } }, auto_prefix_streams: true },
    422,
  ],
  [
    "auto-prefix-empty",
    { scope: { ops: ["read"], streams: { prefix: "" } }, auto_prefix_streams: true },
    422,
  ],
  ["auto-prefix-none", { scope: { ops: ["read"] }, auto_prefix_streams: true }, 422],
];

const refusals = REFUSED.map(
  ([name, json, expected]): Case =>
    define(
      `issue-${name}`,
      "c#issue c#access-tokens",
      `issuing with ${name.replaceAll("-", " ")} is ${expected}`,
      async (context) => {
        const id = context.shared.workspace.tokenId();
        refused(
          await post(context, { id, ...json }),
          expected,
          expected === 422 ? "invalid" : "bad_json",
        );
        refused(
          await context.call("DELETE", `/v1/access-tokens/${id}`),
          404,
          "access_token_not_found",
        );
      },
      NEEDS,
    ),
);

async function unknownId(context: Context): Promise<void> {
  refused(
    await context.call("DELETE", `/v1/access-tokens/${context.shared.workspace.tokenId()}`),
    404,
    "access_token_not_found",
  );
}

export const TOKENS: Suite = {
  name: "tokens",
  title: "Access tokens",
  cases: [
    define(
      "issue-and-revoke",
      "c#issue c#access-tokens",
      "201 with the secret, 409 for a taken id, 204, then 404",
      issueAndRevoke,
      NEEDS,
    ),
    define(
      "listed",
      "c#access-tokens c#json",
      "the list shows the scope and every digit of the expiry, never the secret",
      listed,
      NEEDS,
    ),
    define("pages", "c#lists c#access-tokens", "tokens are listed in pages", pages, NEEDS),
    ...BAD_IDS,
    ...refusals,
    define(
      "unknown-id",
      "c#issue",
      "revoking what is not there is 404 access_token_not_found",
      unknownId,
      NEEDS,
    ),
  ],
};
