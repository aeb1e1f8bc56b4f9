// What every route shares: headers in and out, how basins are found, the order of checks.
// Compression is in rules-compression.ts, bodies in rules-bodies.ts. Any route will do for them;
// most take streams. Spec: control-plane#shared-rules.

import { define, type Suite } from "../../case.js";
import { matches, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";
import { RULES_BODIES } from "./rules-bodies.js";
import { RULES_COMPRESSION } from "./rules-compression.js";

async function noStore(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a");
  const answers = [
    await context.call("GET", "/v1/basins?limit=1"),
    await stream.config(),
    await stream.get("seq_num=0"),
    await stream.get("seq_num=9"),
    await context.call("GET", `/v1/streams/${stream.name}/records/tail`, { basin: stream.basin }),
  ];
  for (const { headers, asked } of answers)
    matches(headers["cache-control"] ?? "none", /\bno-store\b/, `cache-control of ${asked}`);
}

async function contentTypes(context: Context): Promise<void> {
  const stream = await context.stream();
  const answers = [
    await context.call("GET", "/v1/basins?limit=1"),
    await stream.config(),
    await stream.post({ records: [{}] }),
    await stream.get("seq_num=0"),
    await stream.get("seq_num=9"),
    await stream.post({ records: [{}], match_seq_num: 7 }),
  ];
  for (const { headers, asked } of answers)
    matches(headers["content-type"] ?? "none", /^application\/json/, `content-type of ${asked}`);
}

async function basinHeader(context: Context): Promise<void> {
  refused(await context.call("GET", "/v1/streams"), 400, "bad_header");
  for (const basin of [
    "short",
    "UPPER-CASE-NAME",
    "-begins-with-one",
    "ends-with-one-",
    "x".repeat(49),
  ])
    refused(await context.call("GET", "/v1/streams", { basin }), 400, "bad_header");
  const none = context.shared.workspace.basinName();
  refused(await context.call("GET", "/v1/streams", { basin: none }), 404, "basin_not_found");
  // Account routes ignore it.
  status(await context.call("GET", "/v1/basins?limit=1", { headers: { "s2-basin": "BAD" } }), 200);
}

async function requestToken(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const ask = (length: number): ReturnType<Context["call"]> =>
    context.call("POST", "/v1/streams", {
      basin,
      json: { stream: context.name() },
      headers: { "s2-request-token": "x".repeat(length) },
    });
  status(await ask(36), 201);
  refused(await ask(37), 400, "bad_header");
}

async function orderOfChecks(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const bad = {
    headers: { "s2-request-token": "x".repeat(37), "content-type": "application/json" },
    body: "{",
  };
  refused(
    await context.call("POST", "/v1/streams", { basin, ...bad }),
    400,
    "bad_header",
    "header before body",
  );
  const none = context.shared.workspace.basinName();
  refused(
    await context.call("POST", "/v1/streams", { basin: none, json: { stream: "" } }),
    400,
    "bad_json",
    "body before existence",
  );
  refused(
    await context.call("POST", "/v1/streams", {
      basin: none,
      json: { stream: "s", config: { retention_policy: { age: 0 } } },
    }),
    422,
    "invalid",
    "rules before existence",
  );
  refused(
    await context.call("GET", "/v1/streams?limit=x", { basin: none }),
    400,
    "bad_query",
    "query before existence",
  );
  refused(
    await context.call("GET", "/v1/streams/%2e%2e/records?seq_num=x", { basin }),
    400,
    "bad_path",
    "path before query",
  );
}

async function unauthenticated(context: Context): Promise<void> {
  const stream = await context.stream();
  for (const token of [null, "garbage", "s2kit_AAAA"]) {
    refused(await context.call("GET", "/v1/basins", { token }), 401, "authn");
    refused(await context.call("GET", stream.path, { token, basin: stream.basin }), 401, "authn");
    refused(
      await context.call("POST", stream.path, {
        token,
        basin: stream.basin,
        json: { records: [{}] },
      }),
      401,
      "authn",
    );
  }
  const basic = await context.call("GET", "/v1/basins", {
    token: null,
    headers: { authorization: "Basic eDp5" },
  });
  refused(basic, 401, "authn");
  await stream.hasTail(0);
}

export const SHARED_RULES: Suite = {
  name: "rules",
  title: "Rules that all routes share",
  cases: [
    define("no-store", "c#response-headers", "every answer below /v1 forbids storing", noStore),
    define("content-type", "c#response-headers", "every body has its content-type", contentTypes),
    ...RULES_COMPRESSION,
    define(
      "basin-header",
      "c#hosts-and-basins c#request-headers c#names",
      "stream routes need a basin that is named well, account routes ignore it",
      basinHeader,
    ),
    define(
      "request-token-length",
      "c#request-headers",
      "a request token has at most 36 bytes",
      requestToken,
    ),
    ...RULES_BODIES,
    define(
      "order",
      "c#bodies c#shared-rules",
      "headers, path, query, body, rules, existence: in this order",
      orderOfChecks,
    ),
    define(
      "unauthenticated",
      "c#request-headers c#what-is-checked",
      "without a valid token everything is 401 authn",
      unauthenticated,
      { needs: ["auth"] },
    ),
    define(
      "errors-small-body-json",
      "c#bodies",
      "errors are JSON whatever is accepted",
      async (context) => {
        const stream = await context.stream();
        for (const accept of ["application/protobuf", "text/event-stream", "text/html"])
          refused(await stream.get("seq_num=x", { headers: { accept } }), 400, "bad_query");
      },
    ),
  ],
};
