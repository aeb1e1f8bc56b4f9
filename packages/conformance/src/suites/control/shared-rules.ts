// What every route shares: headers in and out, how basins are found, compression, bodies.
// Any route will do for them; most take streams. Spec: control-plane#shared-rules.

import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type Case, define, type Suite } from "../../case.js";
import { equal, matches, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

const PACK = { gzip: gzipSync, zstd: zstdCompressSync } as const;
const UNPACK = { gzip: gunzipSync, zstd: zstdDecompressSync } as const;

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

const compressedBody = (encoding: "gzip" | "zstd"): Case =>
  define(
    `body-${encoding}`,
    "c#request-headers d#limits",
    `a body with content-encoding ${encoding} is inflated`,
    async (context) => {
      const stream = await context.stream();
      const body = PACK[encoding](JSON.stringify({ records: [{ body: "packed".repeat(500) }] }));
      const headers = { "content-type": "application/json", "content-encoding": encoding };
      status(await context.call("POST", stream.path, { basin: stream.basin, headers, body }), 200);
      equal(await stream.texts("seq_num=0"), ["packed".repeat(500)], "body");
      const create = PACK[encoding](JSON.stringify({ stream: context.name() }));
      status(
        await context.call("POST", "/v1/streams", { basin: stream.basin, headers, body: create }),
        201,
      );
      const broken = await context.call("POST", stream.path, {
        basin: stream.basin,
        headers,
        body: "no such bytes",
      });
      refused(broken, 400, "bad_json");
      await stream.hasTail(1);
    },
  );

const compressedAnswer = (encoding: "gzip" | "zstd"): Case =>
  define(
    `answer-${encoding}`,
    "c#bodies c#request-headers",
    `answers above 1024 bytes are ${encoding} for who accepts it, with vary`,
    async (context) => {
      const stream = await context.stream();
      await stream.bodies("y".repeat(20_000));
      const answer = status(
        await stream.get("seq_num=0", { headers: { "accept-encoding": encoding } }),
        200,
      );
      equal(answer.headers["content-encoding"], encoding, "content-encoding");
      matches(answer.headers.vary ?? "none", /accept-encoding/i, "vary");
      const { records } = JSON.parse(UNPACK[encoding](answer.bytes).toString("utf8")) as {
        records: { body: string }[];
      };
      equal(records[0]?.body.length, 20_000, "length of the body");
      const refusing = { headers: { "accept-encoding": `${encoding};q=0` } };
      equal(
        (await stream.get("seq_num=0", refusing)).headers["content-encoding"],
        undefined,
        "with q=0",
      );
      equal(
        (await stream.get("seq_num=0")).headers["content-encoding"],
        undefined,
        "without asking",
      );
    },
  );

async function smallAnswersStayPlain(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("small");
  const answer = await stream.get("seq_num=0", { headers: { "accept-encoding": "gzip, zstd" } });
  equal(answer.headers["content-encoding"], undefined, "content-encoding of a small answer");
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

async function contentTypeForms(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  for (const type of [
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
    "application/json;x=y",
  ])
    status(
      await context.call("POST", "/v1/streams", {
        basin,
        headers: { "content-type": type },
        body: JSON.stringify({ stream: context.name() }),
      }),
      201,
      type,
    );
}

async function requiredBodies(context: Context): Promise<void> {
  const stream = await context.stream();
  const { basin } = stream;
  const asks: readonly (readonly [string, string])[] = [
    ["POST", "/v1/basins"],
    ["POST", "/v1/streams"],
    ["PATCH", `/v1/basins/${basin}`],
    ["PATCH", `/v1/streams/${stream.name}`],
  ];
  for (const [method, path] of asks) {
    for (const body of ["", "{", "[]", "7", '"x"', "{}}"])
      refused(
        await context.call(method, path, {
          basin,
          body,
          headers: { "content-type": "application/json" },
        }),
        400,
        "bad_json",
        `${method} ${path} with ${body || "an empty body"}`,
      );
    for (const type of ["text/plain", "application/xml"])
      refused(
        await context.call(method, path, { basin, body: "{}", headers: { "content-type": type } }),
        400,
        "bad_json",
        `${method} ${path} as ${type}`,
      );
    refused(
      await context.call(method, path, { basin, body: "{}" }),
      400,
      "bad_json",
      `${method} ${path} without a type`,
    );
  }
}

async function optionalBodies(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const put = (
    path: string,
    body: string | undefined,
    type: string | undefined,
  ): ReturnType<Context["call"]> =>
    context.call("PUT", path, {
      basin,
      ...(body === undefined ? {} : { body }),
      headers: type === undefined ? {} : { "content-type": type },
    });
  for (const path of [
    `/v1/streams/${context.name()}`,
    `/v1/basins/${context.shared.workspace.basinName()}`,
  ]) {
    status(await put(path, undefined, undefined), 201);
    for (const [body, type] of [
      [undefined, undefined],
      ["", "application/json"],
      ["null", "application/json"],
      ["{}", "application/json"],
    ] as const)
      status(await put(path, body, type), 200, `PUT ${path} with ${body ?? "no"} body`);
    refused(await put(path, "{}", "text/plain"), 400, "bad_json");
  }
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

async function contentEncodings(context: Context): Promise<void> {
  const stream = await context.stream();
  const headers = { "content-type": "application/json", "content-encoding": "br" };
  const answer = await context.call("POST", stream.path, {
    basin: stream.basin,
    headers,
    body: "{}",
  });
  status(answer, 415);
  await stream.hasTail(0);
}

async function bodyBounds(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const sized = (total: number): string => {
    const head = `{"stream":"${context.name()}","pad":"`;
    return `${head}${"x".repeat(total - head.length - 2)}"}`;
  };
  const ask = (body: string): ReturnType<Context["call"]> =>
    context.call("POST", "/v1/streams", {
      basin,
      body,
      headers: { "content-type": "application/json" },
    });
  status(await ask(sized(131_072)), 201);
  refused(await ask(sized(131_073)), 400, "bad_json");
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
    compressedBody("gzip"),
    compressedBody("zstd"),
    compressedAnswer("gzip"),
    compressedAnswer("zstd"),
    define(
      "small-answers-plain",
      "c#bodies",
      "answers up to 1024 bytes are not compressed",
      smallAnswersStayPlain,
    ),
    define(
      "unknown-content-encoding",
      "c#request-headers",
      "an unknown content-encoding is 415 and changes nothing",
      contentEncodings,
    ),
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
    define(
      "content-type-forms",
      "c#request-headers",
      "parameters and case of a content-type do not count",
      contentTypeForms,
    ),
    define(
      "required-bodies",
      "c#bodies",
      "a required body that is no JSON object is 400 bad_json",
      requiredBodies,
    ),
    define(
      "optional-bodies",
      "c#bodies",
      "PUT without a body, with an empty one or null means no configuration",
      optionalBodies,
    ),
    define(
      "order",
      "c#bodies c#shared-rules",
      "headers, path, query, body, rules, existence: in this order",
      orderOfChecks,
    ),
    define("body-128-kib", "c#json", "JSON bodies hold up to 128 KiB", bodyBounds),
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
