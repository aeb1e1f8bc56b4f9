// Streams: creating, ensuring, what is not there. Their configuration is in stream-config.ts, how
// they go in deletion.ts. Spec: control-plane#streams.

import { define, type Suite } from "../../case.js";
import { equal, includes, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";
import { provisioned } from "./provisioned.js";
import { DEFAULTS, STREAM_CONFIG } from "./stream-config.js";

async function create(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const name = context.name();
  const made = provisioned(
    await context.call("POST", "/v1/streams", { basin, json: { stream: name } }),
    201,
    "created",
  );
  includes(made.json, { name, deleted_at: null, cipher: null }, "stream");
  refused(
    await context.call("POST", "/v1/streams", { basin, json: { stream: name } }),
    409,
    "resource_already_exists",
  );
  const list = status(await context.call("GET", `/v1/streams?prefix=${name}`, { basin }), 200);
  equal(list.json, { streams: [made.json], has_more: false }, "list");
}

async function requestTokens(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const stream = context.name();
  const post = (config: unknown, token: string): Promise<Answer> =>
    context.call("POST", "/v1/streams", {
      basin,
      json: { stream, config },
      headers: { "s2-request-token": token },
    });
  const made = provisioned(await post({ storage_class: "standard" }, "t"), 201, "created");
  const again = provisioned(
    await post({ storage_class: "standard", timestamping: null }, "t"),
    201,
    "noop",
  );
  equal(again.json, made.json, "info");
  refused(await post({}, "t"), 409, "resource_already_exists", "another configuration");
  refused(
    await post({ storage_class: "standard" }, "u"),
    409,
    "resource_already_exists",
    "another token",
  );
}

/** Compared before the basin's defaults are applied: those of the moment do not matter. */
async function requestIsWhatIsRepeated(context: Context): Promise<void> {
  const basin = await context.basin();
  const json = { stream: context.name() };
  const post = (): Promise<Answer> =>
    context.call("POST", "/v1/streams", { basin, json, headers: { "s2-request-token": "t" } });
  const made = provisioned(await post(), 201, "created");
  const defaults = { default_stream_config: { storage_class: "standard" } };
  status(await context.call("PATCH", `/v1/basins/${basin}`, { json: defaults }), 200);
  equal(provisioned(await post(), 201, "noop").json, made.json, "info");
}

async function ensure(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const path = `/v1/streams/${context.name()}`;
  const put = (json?: unknown): Promise<Answer> =>
    context.call("PUT", path, { basin, ...(json === undefined ? {} : { json }) });
  provisioned(await put(), 201, "created");
  provisioned(await put(), 200, "noop");
  provisioned(await put({ retention_policy: { age: 120 } }), 200, "updated");
  provisioned(await put({ retention_policy: { age: 120 } }), 200, "noop");
  // Compared as resolved: an explicit default is the default.
  provisioned(await put({ retention_policy: { age: 120 }, storage_class: "express" }), 200, "noop");
  provisioned(await put({}), 200, "updated");
  const got = (await context.call("GET", path, { basin })).json;
  equal(got, DEFAULTS, "what is not given falls back");
  provisioned(await put(got), 200, "noop");
  provisioned(await put(DEFAULTS), 200, "noop");
}

async function missingBasin(context: Context): Promise<void> {
  const basin = context.shared.workspace.basinName();
  for (const [method, path, json] of [
    ["POST", "/v1/streams", { stream: "s" }],
    ["PATCH", "/v1/streams/s", {}],
    ["DELETE", "/v1/streams/s", undefined],
    ["POST", "/v1/streams/s/records", { records: [{}] }],
  ] as const)
    refused(
      await context.call(method, path, { basin, ...(json === undefined ? {} : { json }) }),
      404,
      "basin_not_found",
    );
}

async function missing(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  for (const [method, path] of [
    ["GET", "/v1/streams/none-such"],
    ["PATCH", "/v1/streams/none-such"],
    ["DELETE", "/v1/streams/none-such"],
    ["GET", "/v1/streams/none-such/records?seq_num=0"],
    ["GET", "/v1/streams/none-such/records/tail"],
  ] as const)
    refused(
      await context.call(method, path, { basin, ...(method === "PATCH" ? { json: {} } : {}) }),
      404,
      "stream_not_found",
    );
  const json = { records: [{ body: "x" }] };
  refused(
    await context.call("POST", "/v1/streams/none-such/records", { basin, json }),
    404,
    "stream_not_found",
  );
  const none = context.shared.workspace.basinName();
  for (const path of [
    "/v1/streams/s/records/tail",
    "/v1/streams/s/records?seq_num=0",
    "/v1/streams/s",
  ])
    refused(await context.call("GET", path, { basin: none }), 404, "basin_not_found");
}

export const STREAMS: Suite = {
  name: "streams",
  title: "Streams",
  cases: [
    define(
      "create",
      "c#create c#streams c#response-headers",
      "POST answers 201 created, then 409; it is listed at once",
      create,
    ),
    ...STREAM_CONFIG,
    define(
      "request-token",
      "c#create",
      "the same token and configuration answer 201 noop, another one 409",
      requestTokens,
    ),
    define(
      "request-token-and-defaults",
      "c#create",
      "the request is what is repeated, whatever the basin's defaults are by now",
      requestIsWhatIsRepeated,
    ),
    define("ensure", "c#ensure c#streams", "PUT compares the resolved configuration", ensure),
    define(
      "missing",
      "c#streams d#order-of-checks",
      "what is not there is 404: stream_not_found, basin_not_found",
      missing,
    ),
    define(
      "missing-basin",
      "c#streams c#create",
      "what changes a stream of a missing basin is 404 basin_not_found",
      missingBasin,
    ),
    define(
      "location-of-basin",
      "c#create c#streams",
      "a stream of a missing basin is 404 basin_not_found",
      async (context) => {
        const basin = context.shared.workspace.basinName();
        refused(await context.call("PUT", "/v1/streams/s", { basin }), 404, "basin_not_found");
        refused(await context.call("GET", "/v1/streams", { basin }), 404, "basin_not_found");
      },
    ),
  ],
};
