// Streams: creating, ensuring, the resolution of their configuration, and what a change of it
// governs. How they go is in deletion.ts. Spec: control-plane#streams.

import { define, type Suite } from "../../case.js";
import { frameOf } from "../../codec/frame.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, includes, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";

const RESULT = "s2-provision-result";
const DEFAULTS = {
  storage_class: "express",
  retention_policy: { age: 604_800 },
  timestamping: { mode: "client-prefer", uncapped: false },
  delete_on_empty: { min_age_secs: 0 },
};

function provisioned(answer: Answer, code: number, result: string): Answer {
  status(answer, code);
  equal(answer.headers[RESULT], result, `${RESULT} of ${answer.asked}`);
  return answer;
}

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

async function defaults(context: Context): Promise<void> {
  const stream = await context.stream();
  equal(
    status(await stream.config(), 200).json,
    DEFAULTS,
    "configuration of a stream that asked for nothing",
  );
}

async function resolution(context: Context): Promise<void> {
  const basin = await context.basin({
    default_stream_config: { storage_class: "standard", timestamping: { mode: "arrival" } },
  });
  const stream = await context.stream({ timestamping: { uncapped: true } }, basin);
  equal(
    (await stream.config()).json,
    { ...DEFAULTS, storage_class: "standard", timestamping: { mode: "arrival", uncapped: true } },
    "each leaf: the request's, the basin's, the default",
  );
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

async function reconfigure(context: Context): Promise<void> {
  const basin = await context.basin({ default_stream_config: { retention_policy: { age: 500 } } });
  const stream = await context.stream({ retention_policy: { age: 100 } }, basin);
  const change = async (json: unknown): Promise<object> =>
    status(await stream.patch(json), 200).json;
  const before = (await stream.config()).json;
  equal(await change({}), before, "an empty PATCH");
  includes(
    await change({ timestamping: { uncapped: true } }),
    { retention_policy: { age: 100 }, timestamping: { mode: "client-prefer", uncapped: true } },
    "merged",
  );
  includes(
    await change({ retention_policy: { infinite: {} } }),
    { retention_policy: { infinite: {} } },
    "infinite",
  );
  includes(
    await change({ retention_policy: null }),
    { retention_policy: { age: 500 } },
    "null takes the basin's default",
  );
  includes(
    await change({ timestamping: null }),
    { timestamping: { mode: "client-prefer", uncapped: false } },
    "null clears",
  );
  equal((await stream.config()).json, await change({}), "GET");
  refused(
    await context.call("PATCH", "/v1/streams/none-such", { basin, json: {} }),
    404,
    "stream_not_found",
  );
}

async function eachLeaf(context: Context): Promise<void> {
  const stream = await context.stream({
    timestamping: { mode: "arrival", uncapped: true },
    retention_policy: { infinite: {} },
  });
  const changed = await stream.patch({
    timestamping: { mode: "client-require" },
    delete_on_empty: { min_age_secs: 5 },
  });
  const expected = {
    storage_class: "express",
    retention_policy: { infinite: {} },
    timestamping: { mode: "client-require", uncapped: true },
    delete_on_empty: { min_age_secs: 5 },
  };
  equal(status(changed, 200).json, expected, "each leaf by itself");
  refused(await stream.patch({ retention_policy: { age: 0 } }), 422, "invalid");
  equal((await stream.config()).json, expected, "after a refusal");
  const reset = { retention_policy: null, timestamping: null, delete_on_empty: null };
  equal(status(await stream.patch(reset), 200).json, DEFAULTS, "null takes the default");
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

async function governsTheNextAppend(context: Context): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", "h1");
  session.send(frameOf(encodeInput({ records: [{ timestamp: 5 }] })));
  equal((await session.ack()).end.timestamp, 5, "timestamp as given");
  status(await stream.patch({ timestamping: { mode: "client-require" } }), 200);
  session.send(frameOf(encodeInput({ records: [{ timestamp: 7 }] })));
  equal((await session.ack()).end.seq_num, 2, "a timestamp is given");
  session.send(frameOf(encodeInput({ records: [{ body: "none" }] })));
  equal((await session.terminal()).status, 422, "the new mode governs the open session");
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

async function deleteOnEmpty(context: Context): Promise<void> {
  const stream = await context.stream({ delete_on_empty: { min_age_secs: 1 } });
  includes((await stream.config()).json, { delete_on_empty: { min_age_secs: 1 } }, "configuration");
  await stream.bodies("kept");
  // Later by minutes at most, so only this can be seen: a stream with records stays.
  await context.sleep(3000);
  equal(await stream.texts("seq_num=0"), ["kept"], "a stream with records is not deleted");
  includes(
    status(await stream.patch({ delete_on_empty: { min_age_secs: 0 } }), 200).json,
    { delete_on_empty: { min_age_secs: 0 } },
    "0 is off",
  );
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
    define("defaults", "c#streams", "GET answers all leaves, defaults included", defaults),
    define(
      "resolution",
      "c#streams",
      "each leaf is the request's, else the basin's, else the default",
      resolution,
    ),
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
      "reconfigure",
      "c#streams",
      "PATCH keeps, merges and falls back to the basin's defaults",
      reconfigure,
    ),
    define(
      "reconfigure-each-leaf",
      "c#streams",
      "PATCH sets, keeps and resets each leaf by itself",
      eachLeaf,
    ),
    define(
      "reconfigured-session",
      "c#streams d#timestamps",
      "a new configuration governs the next append, without a new session",
      governsTheNextAppend,
    ),
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
      "delete-on-empty",
      "c#delete-on-empty d#loss-of-records-that-is-meant",
      "min_age_secs is kept; a stream with records stays",
      deleteOnEmpty,
      { isSlow: true },
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
