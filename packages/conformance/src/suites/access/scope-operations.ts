// What tokens may do by operation: each alone against every route, each group, and commands in
// records. Cases of the suite in scopes.ts. Spec: control-plane#operations-and-groups.

import { type Case, define } from "../../case.js";
import { ok, show, status } from "../../expect.js";
import { OPERATIONS, type OperationRoute, ROUTES } from "../../operations.js";
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
          if (!isOffered(context, route)) continue;
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

function isOffered(context: Context, { name, needs }: OperationRoute): boolean {
  if (needs !== undefined) return context.has(needs);
  if (name.endsWith("metrics")) return context.has("metrics");
  return name.includes("location") ? context.has("locations") : true;
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
          if (!isOffered(context, route)) continue;
          const answer = await harmless(context, route.name, token);
          const isMine = route.operations.every((each) => operations.includes(each));
          if (isMine) ok(answer.status !== 403, `${route.name} with ${name}: ${show(answer.json)}`);
          else forbidden(answer, `${route.name} with ${name}`);
        }
      },
      NEEDS,
    ),
);

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

export const SCOPE_OPERATIONS: readonly Case[] = [
  ...matrix,
  ...groups,
  define(
    "commands",
    "c#operations-and-groups d#command-records",
    "commands need their own right",
    commands,
    NEEDS,
  ),
];
