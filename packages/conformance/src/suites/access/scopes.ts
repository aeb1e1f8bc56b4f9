// What tokens may do: resources, what lists and metrics show of them, children. Operations are in
// scope-operations.ts, automatic prefixes in auto-prefix.ts, how tokens end in token-ends.ts.
// Spec: control-plane#what-is-checked.

import { define, type Suite } from "../../case.js";
import { equal, ok, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";
import { AUTO_PREFIX } from "./auto-prefix.js";
import { forbidden, issue, NEEDS } from "./issue.js";
import { SCOPE_OPERATIONS } from "./scope-operations.js";

async function resources(context: Context): Promise<void> {
  const [mine, theirs] = [await context.basin(), await context.basin()];
  for (const basin of [mine, theirs])
    status(await context.call("PUT", "/v1/streams/s", { basin }), 201);
  const { token } = await issue(context, {
    basins: { exact: mine },
    streams: { exact: "s" },
    op_groups: { basin: { read: true, write: true }, stream: { read: true, write: true } },
  });
  const json = { records: [{ body: "x" }] };
  status(await context.call("POST", "/v1/streams/s/records", { basin: mine, json, token }), 200);
  // Whether or not it exists.
  for (const [basin, stream] of [
    [theirs, "s"],
    [context.shared.workspace.basinName(), "s"],
    [mine, "other"],
  ] as const) {
    forbidden(await context.call("POST", `/v1/streams/${stream}/records`, { basin, json, token }));
    forbidden(
      await context.call("GET", `/v1/streams/${stream}/records?seq_num=0`, { basin, token }),
    );
    forbidden(await context.call("GET", `/v1/streams/${stream}`, { basin, token }));
    forbidden(await context.call("DELETE", `/v1/streams/${stream}`, { basin, token }));
  }
}

async function emptySets(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  for (const set of [null, { exact: "" }]) {
    const { token } = await issue(context, {
      basins: set,
      streams: set,
      access_tokens: set,
      ops: ["list-basins", "list-streams", "list-access-tokens", "read"],
    });
    for (const path of ["/v1/basins", "/v1/streams", "/v1/access-tokens"])
      forbidden(await context.call("GET", path, { basin, token }), `${path} with an empty set`);
    forbidden(
      await context.call("GET", "/v1/streams/s/records", { basin, token }),
      "no basins reach no basin",
    );
  }
}

async function listsShowTheScope(context: Context): Promise<void> {
  const names = [await context.basin(), await context.basin()].sort();
  const [first = "", second = ""] = names;
  const { token } = await issue(context, { basins: { exact: first }, ops: ["list-basins"] });
  const { json } = status(await context.call("GET", "/v1/basins", { token }), 200);
  equal(
    [json.basins.map((each: { name: string }) => each.name), json.has_more],
    [[first], false],
    "basins",
  );
  const after = status(
    await context.call("GET", `/v1/basins?start_after=${first}`, { token }),
    200,
  );
  equal(after.json.basins, [], "after the last that is visible");
  ok(second !== first, "");
}

async function basinsWithin(context: Context): Promise<void> {
  const { workspace } = context.shared;
  const [mine, next, theirs] = [
    await context.basin(),
    workspace.basinName(),
    await context.basin(),
  ];
  const { token } = await issue(context, { basins: { exact: next }, ops: ["create-basin"] });
  const create = (basin: string): Promise<Answer> =>
    context.call("POST", "/v1/basins", { token, json: { basin } });
  status(await create(next), 201);
  forbidden(await create(workspace.basinName()), "a basin outside the set");
  forbidden(await create(theirs), "one that is there, outside the set");
  forbidden(await context.call("GET", `/v1/basins/${mine}`, { token }), "another operation");
}

async function pagesOfTheScope(context: Context): Promise<void> {
  const basin = await context.basin();
  for (const stream of ["a1", "b1", "b2", "b3", "c1"])
    status(await context.call("PUT", `/v1/streams/${stream}`, { basin }), 201);
  const { token } = await issue(context, {
    basins: { exact: basin },
    streams: { prefix: "b" },
    ops: ["list-streams"],
  });
  const page = async (query: string): Promise<unknown> => {
    const { json } = status(
      await context.call("GET", `/v1/streams?${query}`, { basin, token }),
      200,
    );
    return [json.streams.map((each: { name: string }) => each.name), json.has_more];
  };
  equal(await page("limit=2"), [["b1", "b2"], true], "a page of what is visible");
  equal(await page("limit=2&start_after=b2"), [["b3"], false], "has_more counts only that");
}

async function metricsOfTheScope(context: Context): Promise<void> {
  const [mine, theirs] = [await context.basin(), await context.basin()];
  for (const basin of [mine, theirs])
    status(await context.call("PUT", "/v1/streams/s", { basin }), 201);
  const { token } = await issue(context, {
    basins: { exact: mine },
    ops: ["account-metrics", "basin-metrics"],
  });
  const end = Math.floor(context.now() / 1000) + 30;
  const ask = (path: string, set: string): Promise<Answer> =>
    context.call("GET", `/v1/metrics${path}?set=${set}&start=${end - 7200}&end=${end}`, { token });
  const { values } = status(await ask("", "active-basins"), 200).json;
  for (const { label } of values)
    for (const name of label.values) equal(name, mine, "a basin that is named");
  status(await ask(`/${mine}`, "basin-ops"), 200);
  forbidden(await ask(`/${theirs}`, "basin-ops"));
  forbidden(await ask(`/${context.shared.workspace.basinName()}`, "basin-ops"));
  forbidden(await ask(`/${mine}/s`, "storage"), "another level");
}

async function children(context: Context): Promise<void> {
  const { workspace } = context.shared;
  const expiry = new Date(context.now() + 3_600_000).toISOString();
  const childPrefix = `${workspace.prefix}-t`;
  const { token } = await issue(
    context,
    {
      access_tokens: { prefix: childPrefix },
      basins: { prefix: workspace.prefix },
      streams: { prefix: "a/" },
      ops: ["issue-access-token", "read"],
    },
    { expires_at: expiry },
  );
  const child = (scope: object, more: object = {}): Promise<Answer> =>
    context.call("POST", "/v1/access-tokens", {
      token,
      json: { id: workspace.tokenId(), scope, ...more },
    });
  const made = status(
    await child({ ops: ["read"], basins: { prefix: `${workspace.prefix}-0` } }),
    201,
  );
  ok(typeof made.json.access_token === "string", "a smaller child");
  const heirs = await context.call("GET", `/v1/access-tokens?prefix=${childPrefix}`);
  ok(
    status(heirs, 200).json.access_tokens.some(
      (each: { expires_at: string | null }) => each.expires_at === expiry,
    ),
    "no expires_at takes the issuer's",
  );
  forbidden(await child({ ops: ["append"] }), "more operations");
  forbidden(await child({ ops: ["read"], basins: { prefix: "" } }), "more basins");
  forbidden(await child({ ops: ["read"], streams: { prefix: "b/" } }), "other streams");
  const outside = { id: "another-id-of-conformance", scope: { ops: ["read"] } };
  forbidden(
    await context.call("POST", "/v1/access-tokens", { token, json: outside }),
    "an id outside its set",
  );
  const later = new Date(context.now() + 7_200_000).toISOString();
  refused(await child({ ops: ["read"] }, { expires_at: later }), 422, "invalid", "a longer life");
}

export const SCOPES: Suite = {
  name: "scopes",
  title: "What tokens may do",
  cases: [
    ...SCOPE_OPERATIONS,
    define(
      "resources",
      "c#what-is-checked",
      "what is outside the sets is 403, whether or not it exists",
      resources,
      NEEDS,
    ),
    define(
      "empty-sets",
      "c#what-is-checked c#access-tokens",
      "lists with an empty set are 403; no basins reach no basin",
      emptySets,
      NEEDS,
    ),
    define(
      "lists",
      "c#lists c#what-is-checked",
      "lists show what the set names, and pages count only that",
      listsShowTheScope,
      NEEDS,
    ),
    define("children", "c#issue", "a child holds at most what its issuer holds", children, NEEDS),
    define(
      "basins-within",
      "c#what-is-checked c#create",
      "basins are made inside the set, and none outside",
      basinsWithin,
      NEEDS,
    ),
    define(
      "pages",
      "c#lists c#what-is-checked",
      "has_more counts only what the set names",
      pagesOfTheScope,
      NEEDS,
    ),
    define(
      "metrics",
      "c#metrics c#what-is-checked",
      "metrics answer the permitted level, and name no basin outside the set",
      metricsOfTheScope,
      { needs: [...NEEDS.needs, "metrics"] },
    ),
    ...AUTO_PREFIX,
  ],
};
