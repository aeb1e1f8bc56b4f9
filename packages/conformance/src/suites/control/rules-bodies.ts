// Bodies of requests, as every route takes them: types, required and optional ones, their size.
// Cases of the suite in shared-rules.ts. Spec: control-plane#bodies.

import { type Case, define } from "../../case.js";
import { refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

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

export const RULES_BODIES: readonly Case[] = [
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
  define("body-128-kib", "c#json", "JSON bodies hold up to 128 KiB", bodyBounds),
];
