// JSON of the control plane: absent, null, unknown, wrong. Each row is a configuration that
// somebody sends. Appends have rules of their own, in records/. Spec: control-plane#json.

import { type Case, define, type Suite } from "../../case.js";
import { equal, includes, matches, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

const WRONG_CONFIGS: readonly (readonly [string, object, number])[] = [
  ["storage-class-number", { storage_class: 7 }, 400],
  ["age-zero", { retention_policy: { age: 0 } }, 422],
  ["age-negative", { retention_policy: { age: -1 } }, 400],
  ["age-fraction", { retention_policy: { age: 1.5 } }, 400],
  ["age-text", { retention_policy: { age: "7" } }, 400],
  ["retention-two-keys", { retention_policy: { age: 1, infinite: {} } }, 400],
  ["retention-no-key", { retention_policy: {} }, 400],
  ["retention-text", { retention_policy: "infinite" }, 400],
  ["mode-unknown", { timestamping: { mode: "whenever" } }, 400],
  ["uncapped-text", { timestamping: { uncapped: "yes" } }, 400],
  ["timestamping-list", { timestamping: [] }, 400],
  ["min-age-negative", { delete_on_empty: { min_age_secs: -1 } }, 400],
];

const wrong = WRONG_CONFIGS.map(
  ([name, config, expected]): Case =>
    define(
      `config-${name}`,
      "c#json c#streams c#bodies",
      `${JSON.stringify(config)} is ${expected} on create, ensure and PATCH`,
      async (context) => {
        const code = expected === 422 ? "invalid" : "bad_json";
        const stream = await context.stream();
        const { basin } = stream;
        const before = (await stream.config()).text;
        refused(
          await context.call("POST", "/v1/streams", {
            basin,
            json: { stream: context.name(), config },
          }),
          expected,
          code,
        );
        refused(
          await context.call("PUT", `/v1/streams/${context.name()}`, { basin, json: config }),
          expected,
          code,
        );
        refused(await stream.patch(config), expected, code);
        equal((await stream.config()).text, before, "configuration after refusals");
        refused(
          await context.call("POST", "/v1/basins", {
            json: {
              basin: context.shared.workspace.basinName(),
              config: { default_stream_config: config },
            },
          }),
          expected,
          code,
        );
      },
    ),
);

async function unknownFields(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const json = {
    stream: context.name(),
    bogus: [1],
    config: { bogus: { deep: null }, timestamping: { bogus: 1 } },
  };
  status(await context.call("POST", "/v1/streams", { basin, json }), 201);
}

async function nullIsAbsent(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const config = {
    storage_class: null,
    retention_policy: null,
    timestamping: null,
    delete_on_empty: null,
  };
  status(
    await context.call("POST", "/v1/streams", {
      basin,
      json: { stream: context.name(), config: null },
    }),
    201,
  );
  const stream = await context.stream(config);
  includes(
    status(await stream.config(), 200).json,
    {
      retention_policy: { age: 604_800 },
      timestamping: { mode: "client-prefer", uncapped: false },
    },
    "config",
  );
  status(
    await context.call("POST", "/v1/basins", {
      json: {
        basin: context.shared.workspace.basinName(),
        config: { default_stream_config: null, stream_cipher: null, create_stream_on_append: null },
        location: null,
      },
    }),
    201,
  );
}

async function nullsAreWritten(context: Context): Promise<void> {
  const basin = await context.basin();
  const { json } = status(await context.call("GET", `/v1/basins/${basin}`), 200);
  equal(
    json,
    {
      default_stream_config: null,
      stream_cipher: null,
      create_stream_on_append: false,
      create_stream_on_read: false,
    },
    "configuration of a basin that has none",
  );
  const stream = await context.stream({}, basin);
  const list = status(await context.call("GET", "/v1/streams", { basin }), 200);
  includes(list.json.streams[0], { name: stream.name, deleted_at: null, cipher: null }, "stream");
}

/** Any text is a storage class: kept, shown, and cleared to the default. */
async function openStorageClass(context: Context): Promise<void> {
  for (const name of ["weird", "", "standard"]) {
    const stream = await context.stream({ storage_class: name });
    equal(status(await stream.config(), 200).json.storage_class, name, "storage_class");
    const patched = status(await stream.patch({ storage_class: `${name}-2` }), 200);
    equal(patched.json.storage_class, `${name}-2`, "after a PATCH");
    status(await stream.patch({ storage_class: null }), 200);
    equal((await stream.config()).json.storage_class, "express", "after null");
  }
  const basin = await context.basin({ default_stream_config: { storage_class: "of-the-basin" } });
  const stream = await context.stream({}, basin);
  equal((await stream.config()).json.storage_class, "of-the-basin", "default of the basin");
}

async function times(context: Context): Promise<void> {
  const basin = context.shared.workspace.basinName();
  const made = status(await context.call("POST", "/v1/basins", { json: { basin } }), 201).json;
  matches(made.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, "created_at");
  ok(
    Math.abs(Date.parse(made.created_at) - context.now()) < 3_600_000,
    `created_at is ${made.created_at}`,
  );
  const listed = status(await context.call("GET", `/v1/basins?prefix=${basin}`), 200).json
    .basins[0];
  equal(listed.created_at, made.created_at, "created_at in the list");
  const ensured = status(await context.call("PUT", `/v1/basins/${basin}`), 200).json;
  equal(ensured.created_at, made.created_at, "created_at of a PUT");
}

async function bigNumbers(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const put = async (age: string): ReturnType<Context["call"]> =>
    context.call("PUT", `/v1/streams/${context.name()}`, {
      basin,
      body: `{"retention_policy":{"age":${age}}}`,
      headers: { "content-type": "application/json" },
    });
  for (const age of ["18446744073709551616", "1e30", "-1", "0.5"])
    refused(await put(age), 400, "bad_json", `age ${age}`);
}

export const JSON_SUITE: Suite = {
  name: "json",
  title: "JSON of the control plane",
  cases: [
    ...wrong,
    define("unknown-fields", "c#json", "unknown fields are ignored, at any depth", unknownFields),
    define("null-is-absent", "c#json", "null means absent on create", nullIsAbsent),
    define(
      "storage-class-open",
      "c#streams c#json",
      "a storage class is any text",
      openStorageClass,
    ),
    define(
      "nulls-written",
      "c#json c#basins",
      "unset nullable fields are written as null",
      nullsAreWritten,
    ),
    define(
      "times",
      "c#json c#basins",
      "times are RFC 3339 in UTC, the same text on every route",
      times,
    ),
    define(
      "numbers-out-of-range",
      "c#json",
      "a number outside u64 is 400, never rounded",
      bigNumbers,
    ),
  ],
};
