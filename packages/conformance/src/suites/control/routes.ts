// Routes and the errors beside them: every operation answers, what has no route says so, methods
// are named. Walks over the table of operations.ts. Spec: control-plane#routes.

import { type Case, define, type Suite } from "../../case.js";
import { CODES } from "../../codes.js";
import { equal, includes, matches, ok, refused, status } from "../../expect.js";
import { OPERATIONS, ROUTES } from "../../operations.js";
import type { Context } from "../../run/context.js";

const fill = (template: string, basin: string): string =>
  template.replace("{basin}", basin).replace("{stream}", "none").replace("{id}", "no-such-token");

/** Every route is known: whatever the state, it is neither 404 `not_found` nor 405. */
const EVERY: readonly Case[] = ROUTES.map(({ name, method, template, needs }) =>
  define(
    `known-${name}`,
    "c#routes",
    `${method} ${template} is a route`,
    async (context) => {
      const basin = await context.sharedBasin();
      // Bodies that change nothing: the answer is a refusal, but of this route.
      const json = ["POST", "PATCH", "PUT"].includes(method) ? { json: [7] } : {};
      const answer = await context.call(method, fill(template, `${basin}x`), { basin, ...json });
      ok(
        answer.status !== 405 && answer.json?.code !== "not_found" && answer.status !== 501,
        `${answer.asked} answers ${answer.status} ${answer.text}`,
      );
    },
    needs === undefined ? needsOf(template) : { needs: [needs] },
  ),
);

function needsOf(template: string): Pick<Case, "needs"> {
  if (template.includes("access-tokens")) return { needs: ["access-tokens"] };
  if (template.includes("locations")) return { needs: ["locations"] };
  return template.includes("metrics") ? { needs: ["metrics"] } : {};
}

const UNKNOWN: readonly Case[] = [
  "/v1",
  "/v1/",
  "/v1/bogus",
  "/v2/basins",
  "/v1/basins/",
  "/nowhere",
].map((path) =>
  define(
    `unknown-path${path.replaceAll("/", "-")}`,
    "c#routes c#error-body",
    `GET ${path} is 404 not_found as JSON`,
    async (context) => {
      refused(await context.call("GET", path), 404, "not_found");
    },
  ),
);

const METHODS: readonly (readonly [string, string, readonly string[]])[] = [
  ["PATCH", "/v1/basins", ["GET", "POST"]],
  ["POST", "/v1/basins/some-basin-name", ["DELETE", "GET", "PATCH", "PUT"]],
  ["DELETE", "/v1/streams/s/records", ["GET", "POST"]],
  ["POST", "/v1/streams/s/records/tail", ["GET"]],
  ["PUT", "/v1/streams", ["GET", "POST"]],
];

const WRONG_METHOD: readonly Case[] = METHODS.map(([method, path, allowed]) =>
  define(
    `wrong-method-${method.toLowerCase()}${path.replace("/v1", "").replaceAll("/", "-")}`,
    "c#routes",
    `${method} ${path} is 405 with the methods in Allow`,
    async (context) => {
      const answer = await context.call(method, path, { basin: await context.sharedBasin() });
      refused(answer, 405, "method_not_allowed");
      const named = (answer.headers.allow ?? "").split(/,\s*/);
      for (const each of allowed)
        ok(named.includes(each), `Allow: ${named.join(", ")} lacks ${each}`);
    },
  ),
);

async function headFollowsGet(context: Context): Promise<void> {
  const answer = await context.call("HEAD", "/v1/basins?limit=1");
  equal([answer.status, answer.text], [200, ""], "HEAD /v1/basins");
  const stream = await context.stream();
  const missing = await context.call("HEAD", "/v1/streams/none-such", { basin: stream.basin });
  equal([missing.status, missing.text], [404, ""], "HEAD of a missing stream");
}

async function encodedSegments(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const name = `${context.name()}/ä%25 b`;
  status(await context.call("POST", "/v1/streams", { basin, json: { stream: name } }), 201);
  const path = `/v1/streams/${encodeURIComponent(name)}`;
  status(await context.call("GET", path, { basin }), 200);
  // Decoded once: a twice encoded name is another one.
  const twice = `/v1/streams/${encodeURIComponent(encodeURIComponent(name))}`;
  refused(await context.call("GET", twice, { basin }), 404, "stream_not_found");
  // The path is split before it is decoded.
  refused(
    await context.call("GET", `/v1/streams/${name.split("/")[0]}/x`, { basin }),
    404,
    "not_found",
  );
  // Letters may be encoded as well.
  const spelt = `/v1/streams/${[...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")}`;
  status(await context.call("GET", spelt, { basin }), 200);
  for (const bad of ["%ff", "%zz", "%"])
    refused(await context.call("GET", `/v1/streams/${bad}`, { basin }), 400, "bad_path");
}

/** What may not be asked is answered without a token, but says nothing of streams. */
async function besideTheRoutes(context: Context): Promise<void> {
  for (const path of ["/health", "/ping"]) {
    const answer = status(await context.call("GET", path, { token: null }), 200);
    matches(answer.text, /^OK\n?$/, path);
  }
}

async function prometheus(context: Context): Promise<void> {
  const answer = status(await context.call("GET", "/metrics", { token: null }), 200);
  matches(
    answer.headers["content-type"] ?? "",
    /^(text\/plain|application\/openmetrics-text)/,
    "type of /metrics",
  );
  matches(answer.text, /^# (TYPE|HELP) \w+/m, "/metrics");
}

/** Every error that a run meets has the status of its code; here the table against itself. */
async function codesAndStatus(context: Context): Promise<void> {
  const stream = await context.stream();
  const answers = [
    await stream.post({ records: [] }),
    await stream.post({}),
    await stream.get("seq_num=x"),
    await context.call("GET", "/v1/streams/none-such", { basin: stream.basin }),
    await context.call("GET", `/v1/basins/${context.shared.workspace.basinName()}`),
    await context.call("GET", "/v1/streams", { headers: { "s2-basin": "BAD" } }),
  ];
  for (const { status: got, json, asked } of answers)
    equal(got, CODES[json.code as string]?.status, `status of ${json.code} at ${asked}`);
}

export const ROUTES_SUITE: Suite = {
  name: "routes",
  title: "Routes and what has none",
  cases: [
    ...EVERY,
    ...UNKNOWN,
    ...WRONG_METHOD,
    define(
      "operations-are-24",
      "c#operations-and-groups c#routes",
      "the routes need 22 operations, commands two more",
      async () => {
        equal(OPERATIONS.length, 24, "operations");
        await Promise.resolve();
      },
    ),
    define("head", "c#routes", "HEAD answers as GET without a body", headFollowsGet),
    define(
      "encoded-segments",
      "c#routes c#names",
      "a parameter is one segment, decoded once after the split",
      encodedSegments,
    ),
    define(
      "health",
      "c#routes",
      "GET /health and /ping answer 200 OK without a token",
      besideTheRoutes,
    ),
    define(
      "prometheus",
      "c#routes",
      "GET /metrics is a page for Prometheus, without a token",
      prometheus,
    ),
    define(
      "code-fits-status",
      "c#error-codes c#errors",
      "code and status fit together",
      codesAndStatus,
    ),
    define(
      "error-body",
      "c#error-body",
      "an error is a JSON object of code and message",
      async (context) => {
        const answer = await context.call(
          "GET",
          `/v1/basins/${context.shared.workspace.basinName()}`,
        );
        refused(answer, 404, "basin_not_found");
        includes(answer.json, { code: "basin_not_found" }, "error");
        equal(Object.keys(answer.json).sort(), ["code", "message"], "keys of an error");
      },
    ),
  ],
};
