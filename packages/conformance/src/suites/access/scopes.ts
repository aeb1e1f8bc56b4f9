// What tokens may do: every operation alone against every route, resources, prefixes, children.
// How tokens end is in token-ends.ts. Spec: control-plane#what-is-checked.

import { type Case, define, type Suite } from "../../case.js";
import { equal, ok, refused, show, status } from "../../expect.js";
import { OPERATIONS, ROUTES } from "../../operations.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";
import { forbidden, issue, NEEDS } from "./issue.js";

/**
 * Requests that would change nothing even if they were let in: of what is not there, or with a bad
 * body.
 */
async function harmless(context: Context, name: string, token: string): Promise<Answer> {
  const route = ROUTES.find((each) => each.name === name);
  ok(route !== undefined, name);
  const basin = await context.sharedBasin();
  const query = name.endsWith("metrics") ? "?set=storage&start=0&end=1" : "";
  const path = route.template
    .replace("{basin}", basin)
    .replace("{stream}", "none-such")
    .replace("{id}", "none-such");
  const bodies: Readonly<Record<string, unknown>> = {
    append: { records: [{ body: "x" }] },
    "reconfigure-stream": {},
    "ensure-stream": { retention_policy: { age: 0 } },
    "ensure-basin": { config: { default_stream_config: { retention_policy: { age: 0 } } } },
    "reconfigure-basin": { default_stream_config: { retention_policy: { age: 0 } } },
    "create-basin": { basin, config: {} },
    "create-stream": { stream: "none-such", config: { retention_policy: { age: 0 } } },
    "issue-access-token": { id: "none-such", scope: {} },
    "set-default-location": "no-such-place",
  };
  // Deleting: of a basin that is not there, but within the scope.
  const target =
    name === "delete-basin"
      ? `${route.template.replace("{basin}", context.shared.workspace.basinName())}`
      : path;
  const json = bodies[name];
  return context.call(route.method, target + query, {
    basin,
    token,
    ...(json === undefined ? {} : { json }),
  });
}

/** Each operation alone: it opens its routes, and no other. */
const matrix = OPERATIONS.filter((each) => each !== "trim" && each !== "fence").map(
  (operation): Case =>
    define(
      `only-${operation}`,
      "c#what-is-checked c#operations-and-groups",
      `a token for ${operation} alone opens its routes and no other`,
      async (context) => {
        const all = { prefix: "" };
        const { token } = await issue(context, {
          basins: all,
          streams: all,
          access_tokens: all,
          ops: [operation],
        });
        for (const route of ROUTES) {
          const isMine = route.operations.every((each) => each === operation);
          if (!isOffered(context, route.name)) continue;
          const answer = await harmless(context, route.name, token);
          if (!isMine) forbidden(answer, `${route.name} with ${operation}`);
          else
            ok(
              answer.status !== 403 && answer.status !== 401,
              `${route.name} with ${operation}: ${answer.status} ${answer.text}`,
            );
        }
      },
      NEEDS,
    ),
);

function isOffered(context: Context, route: string): boolean {
  if (route.endsWith("metrics")) return context.has("metrics");
  return route.includes("location") ? context.has("locations") : true;
}

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  "account-read": [
    "list-basins",
    "list-access-tokens",
    "account-metrics",
    "list-locations",
    "get-default-location",
    "get-basin-config",
  ],
  "account-write": [
    "create-basin",
    "delete-basin",
    "reconfigure-basin",
    "issue-access-token",
    "revoke-access-token",
    "set-default-location",
  ],
  "basin-read": ["get-basin-config", "list-streams", "basin-metrics", "get-stream-config"],
  "basin-write": ["create-stream", "delete-stream", "reconfigure-stream"],
  "stream-read": ["get-stream-config", "check-tail", "read", "stream-metrics"],
  "stream-write": ["append", "trim", "fence"],
};

const groups = Object.entries(GROUPS).map(
  ([name, operations]): Case =>
    define(
      `group-${name}`,
      "c#operations-and-groups",
      `the group ${name} is ${operations.join(", ")}`,
      async (context) => {
        const [level = "", right = ""] = name.split("-");
        const all = { prefix: "" };
        const { token } = await issue(context, {
          basins: all,
          streams: all,
          access_tokens: all,
          op_groups: { [level]: { [right]: true } },
        });
        for (const route of ROUTES) {
          if (!isOffered(context, route.name)) continue;
          const answer = await harmless(context, route.name, token);
          const isMine = route.operations.every((each) => operations.includes(each));
          if (isMine) ok(answer.status !== 403, `${route.name} with ${name}: ${show(answer.json)}`);
          else forbidden(answer, `${route.name} with ${name}`);
        }
      },
      NEEDS,
    ),
);

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

async function commands(context: Context): Promise<void> {
  const stream = await context.stream();
  const scope = { basins: { exact: stream.basin }, streams: { exact: stream.name } };
  const send = (token: string, ...records: object[]): Promise<Answer> =>
    stream.post({ records }, { token });
  const fence = { headers: [["", "fence"]], body: "" };
  const trim = { headers: [["", "trim"]], body: "\0\0\0\0\0\0\0\0" };
  const plain = { body: "x" };
  const { token: appender } = await issue(context, { ...scope, ops: ["append"] });
  status(await send(appender, plain), 200);
  forbidden(await send(appender, plain, fence), "fence without its right");
  forbidden(await send(appender, trim), "trim without its right");
  const { token: fencer } = await issue(context, { ...scope, ops: ["fence"] });
  status(await send(fencer, fence), 200);
  forbidden(await send(fencer, plain), "records without append");
  forbidden(await send(fencer, fence, plain), "a command beside records without append");
  const { token: trimmer } = await issue(context, { ...scope, ops: ["trim"] });
  status(await send(trimmer, trim), 200);
  forbidden(await send(trimmer, fence), "fence with trim only");
  await stream.hasTail(3);
}

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

export const SCOPES: Suite = {
  name: "scopes",
  title: "What tokens may do",
  cases: [
    ...matrix,
    ...groups,
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
      "commands",
      "c#operations-and-groups d#command-records",
      "commands need their own right",
      commands,
      NEEDS,
    ),
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
    define("auto-prefix", "c#automatic-prefixes", "two tenants never meet", autoPrefix, NEEDS),
    define(
      "auto-prefix-lists",
      "c#automatic-prefixes c#lists",
      "cursors and prefixes of lists are the tenant's own",
      autoPrefixOfLists,
      NEEDS,
    ),
  ],
};
