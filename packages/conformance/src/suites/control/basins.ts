// Basins: creating with and without a request token, ensuring, reconfiguring.
// How they go is in deletion.ts. Spec: control-plane#basins.

import { define, type Suite } from "../../case.js";
import { equal, includes, ok, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";

const RESULT = "s2-provision-result";

function post(context: Context, basin: string, config?: unknown, token?: string): Promise<Answer> {
  return context.call("POST", "/v1/basins", {
    json: { basin, ...(config === undefined ? {} : { config }) },
    headers: token === undefined ? {} : { "s2-request-token": token },
  });
}

const put = (context: Context, basin: string, json?: unknown): Promise<Answer> =>
  context.call("PUT", `/v1/basins/${basin}`, json === undefined ? {} : { json });
const get = (context: Context, basin: string): Promise<Answer> =>
  context.call("GET", `/v1/basins/${basin}`);
const patch = (context: Context, basin: string, json: unknown): Promise<Answer> =>
  context.call("PATCH", `/v1/basins/${basin}`, { json });

function provisioned(answer: Answer, code: number, result: string): Answer {
  status(answer, code);
  equal(answer.headers[RESULT], result, `${RESULT} of ${answer.asked}`);
  return answer;
}

async function create(context: Context): Promise<void> {
  const basin = context.shared.workspace.basinName();
  const made = provisioned(await post(context, basin), 201, "created");
  includes(made.json, { name: basin, state: "active", deleted_at: null }, "basin");
  ok("location" in made.json && "created_at" in made.json, "location and created_at are there");
  refused(await post(context, basin), 409, "resource_already_exists");
  status(await get(context, basin), 200);
  // It can be used when its creation has returned.
  status(await context.call("POST", "/v1/streams", { basin, json: { stream: "s" } }), 201);
}

async function requestTokens(context: Context): Promise<void> {
  const basin = context.shared.workspace.basinName();
  const config = {
    create_stream_on_append: true,
    default_stream_config: { storage_class: "standard" },
  };
  const made = provisioned(await post(context, basin, config, "token-1"), 201, "created");
  const again = provisioned(await post(context, basin, config, "token-1"), 201, "noop");
  equal(again.json, made.json, "info of a repetition");
  const reordered = {
    default_stream_config: { storage_class: "standard", retention_policy: null },
    create_stream_on_append: true,
  };
  provisioned(await post(context, basin, reordered, "token-1"), 201, "noop");
  refused(
    await post(context, basin, {}, "token-1"),
    409,
    "resource_already_exists",
    "another configuration",
  );
  refused(
    await post(context, basin, config, "token-2"),
    409,
    "resource_already_exists",
    "another token",
  );
  refused(await post(context, basin, config), 409, "resource_already_exists", "no token");
  // The token stays with the basin, also over reconfigurations.
  status(await patch(context, basin, { create_stream_on_append: false }), 200);
  provisioned(await post(context, basin, config, "token-1"), 201, "noop");
  equal(
    (await get(context, basin)).json.create_stream_on_append,
    false,
    "a repetition changes nothing",
  );
}

/** Order of keys, null and absent make no difference: the configuration is compared as decoded. */
async function sameInOtherWords(context: Context): Promise<void> {
  const basin = context.shared.workspace.basinName();
  const made = provisioned(await post(context, basin, undefined, "t1"), 201, "created");
  for (const config of [null, {}, { stream_cipher: null, create_stream_on_append: false }]) {
    const again = provisioned(await post(context, basin, config, "t1"), 201, "noop");
    equal(again.json, made.json, "info of a repetition");
  }
}

async function emptyToken(context: Context): Promise<void> {
  const basin = context.shared.workspace.basinName();
  provisioned(await post(context, basin, {}, ""), 201, "created");
  provisioned(await post(context, basin, {}, ""), 201, "noop");
  refused(await post(context, basin, {}, "x"), 409, "resource_already_exists");
}

async function racingCreators(context: Context): Promise<void> {
  const basin = context.shared.workspace.basinName();
  const answers = await Promise.all(Array.from({ length: 6 }, () => post(context, basin)));
  const made = answers.filter((answer) => answer.status === 201);
  equal(made.length, 1, "creators that succeed");
  for (const answer of answers)
    if (answer.status !== 201) refused(answer, 409, "resource_already_exists");
}

async function ensure(context: Context): Promise<void> {
  const basin = context.shared.workspace.basinName();
  const config = {
    default_stream_config: { retention_policy: { age: 86_400 } },
    create_stream_on_read: true,
  };
  const made = provisioned(await put(context, basin, { config }), 201, "created");
  const noop = provisioned(await put(context, basin, { config }), 200, "noop");
  equal(noop.json, made.json, "info");
  provisioned(
    await put(context, basin, { config: { create_stream_on_read: true } }),
    200,
    "updated",
  );
  equal(
    (await get(context, basin)).json.default_stream_config,
    null,
    "what is not given falls back",
  );
  provisioned(await put(context, basin), 200, "updated");
  equal(
    (await get(context, basin)).json.create_stream_on_read,
    false,
    "what is not given falls back",
  );
  provisioned(await put(context, basin, {}), 200, "noop");
}

async function unsetIsNotTheDefault(context: Context): Promise<void> {
  const basin = context.shared.workspace.basinName();
  provisioned(await put(context, basin), 201, "created");
  const age = { retention_policy: { age: 604_800 } };
  const set = (leaves: object): object => ({ config: { default_stream_config: leaves } });
  provisioned(await put(context, basin, set(age)), 200, "updated");
  provisioned(await put(context, basin, set({ ...age, delete_on_empty: {} })), 200, "updated");
  const { retention_policy: kept } = (await get(context, basin)).json.default_stream_config;
  equal(kept, { age: 604_800 }, "an explicit default is kept");
}

async function ensureWhatWasGot(context: Context): Promise<void> {
  const basin = await context.basin({
    default_stream_config: { timestamping: { uncapped: true } },
    create_stream_on_append: true,
  });
  const { json: config } = status(await get(context, basin), 200);
  provisioned(await put(context, basin, { config }), 200, "noop");
  equal((await get(context, basin)).json, config, "configuration");
}

async function reconfigure(context: Context): Promise<void> {
  const basin = await context.basin({
    default_stream_config: { retention_policy: { age: 100 }, timestamping: { mode: "arrival" } },
  });
  const change = async (json: unknown): Promise<Answer["json"]> => {
    const { json: answered } = status(await patch(context, basin, json), 200);
    equal((await get(context, basin)).json, answered, "GET after PATCH");
    return answered;
  };
  const before = (await get(context, basin)).json;
  equal(await change({}), before, "an empty PATCH");
  // Within the defaults leaf by leaf.
  const merged = await change({ default_stream_config: { timestamping: { uncapped: true } } });
  includes(
    merged.default_stream_config,
    { retention_policy: { age: 100 }, timestamping: { mode: "arrival", uncapped: true } },
    "default_stream_config",
  );
  const cleared = await change({ default_stream_config: { retention_policy: null } });
  includes(
    cleared.default_stream_config,
    { retention_policy: null, timestamping: { mode: "arrival" } },
    "default_stream_config",
  );
  equal((await change({ default_stream_config: null })).default_stream_config, null, "defaults");
  equal((await change({ create_stream_on_append: true })).create_stream_on_append, true, "switch");
  const kept = await change({ create_stream_on_append: null });
  equal(kept.create_stream_on_append, true, "null keeps a switch");
  equal(
    (await change({ create_stream_on_read: true })).create_stream_on_append,
    true,
    "absent keeps",
  );
}

async function refusedChange(context: Context): Promise<void> {
  const basin = await context.basin({
    default_stream_config: { retention_policy: { infinite: {} } },
  });
  const before = status(await get(context, basin), 200).json;
  equal(before.default_stream_config.retention_policy, { infinite: {} }, "infinite");
  const zero = { default_stream_config: { retention_policy: { age: 0 } } };
  refused(await patch(context, basin, zero), 422, "invalid");
  refused(await put(context, basin, { config: zero }), 422, "invalid");
  for (const wrong of [{ create_stream_on_append: "yes" }, { stream_cipher: "rot13" }]) {
    refused(await patch(context, basin, wrong), 400, "bad_json");
    const none = context.shared.workspace.basinName();
    refused(await post(context, none, wrong), 400, "bad_json");
    refused(await get(context, none), 404, "basin_not_found");
  }
  equal((await get(context, basin)).json, before, "configuration after refusals");
}

async function streamsAreUntouched(context: Context): Promise<void> {
  const basin = await context.basin();
  const stream = await context.stream({}, basin);
  const before = (await stream.config()).json;
  status(
    await patch(context, basin, { default_stream_config: { retention_policy: { age: 60 } } }),
    200,
  );
  equal((await stream.config()).json, before, "a stream that exists");
  includes(
    (await (await context.stream({}, basin)).config()).json,
    { retention_policy: { age: 60 } },
    "a new stream",
  );
}

async function defaultsAreShown(context: Context): Promise<void> {
  const basin = await context.basin({
    default_stream_config: { retention_policy: { age: 86_400 } },
  });
  const { default_stream_config: shown } = status(await get(context, basin), 200).json;
  includes(shown, { retention_policy: { age: 86_400 } }, "default_stream_config");
  for (const key of ["storage_class", "retention_policy", "timestamping", "delete_on_empty"])
    ok(key in shown, `default_stream_config lacks ${key}`);
  equal(
    (await get(context, await context.basin({ default_stream_config: {} }))).json
      .default_stream_config,
    null,
    "defaults of which nothing is set",
  );
}

async function location(context: Context): Promise<void> {
  const basin = context.shared.workspace.basinName();
  refused(
    await context.call("POST", "/v1/basins", { json: { basin, location: "bad location" } }),
    400,
    "bad_json",
  );
  await put(context, basin);
  refused(await put(context, basin, { location: "nowhere-at-all" }), 422, "invalid");
}

export const BASINS: Suite = {
  name: "basins",
  title: "Basins",
  cases: [
    define(
      "create",
      "c#create c#basins c#response-headers",
      "POST answers 201 created, then 409",
      create,
    ),
    define(
      "request-token",
      "c#create",
      "the same token and configuration answer 201 noop, another one 409",
      requestTokens,
    ),
    define(
      "request-token-in-other-words",
      "c#create",
      "a repetition may spell its configuration in another way",
      sameInOtherWords,
    ),
    define("empty-request-token", "c#create", "an empty token is a token", emptyToken),
    define("racing-creators", "c#create", "of creators that race one succeeds", racingCreators),
    define("ensure", "c#ensure", "PUT creates, updates or does nothing, and says which", ensure),
    define(
      "ensure-unset-is-not-the-default",
      "c#ensure",
      "an explicit default differs from what was never set",
      unsetIsNotTheDefault,
    ),
    define(
      "ensure-what-get-answers",
      "c#ensure",
      "a PUT of what GET returned is a noop",
      ensureWhatWasGot,
    ),
    define(
      "reconfigure",
      "c#get-and-reconfigure-a-basin",
      "PATCH keeps, clears and merges",
      reconfigure,
    ),
    define(
      "refused-change",
      "c#get-and-reconfigure-a-basin c#basins c#bodies",
      "a configuration that is refused changes nothing",
      refusedChange,
    ),
    define(
      "reconfigure-leaves-streams",
      "c#get-and-reconfigure-a-basin c#streams",
      "streams that exist are never touched",
      streamsAreUntouched,
    ),
    define(
      "defaults-shown",
      "c#basins",
      "default configurations keep what was set, null for the rest",
      defaultsAreShown,
    ),
    define(
      "location-wrong",
      "c#ensure c#names c#bodies",
      "a location that is no name is 400, another one on PUT 422",
      location,
      { needs: ["locations"] },
    ),
    define(
      "missing",
      "c#get-and-reconfigure-a-basin c#delete-a-basin",
      "what is not there is 404 basin_not_found",
      async (context) => {
        const none = context.shared.workspace.basinName();
        refused(await get(context, none), 404, "basin_not_found");
        refused(await patch(context, none, {}), 404, "basin_not_found");
        refused(await context.call("DELETE", `/v1/basins/${none}`), 404, "basin_not_found");
        refused(
          await context.call("POST", "/v1/streams", { basin: none, json: { stream: "s" } }),
          404,
          "basin_not_found",
        );
      },
    ),
    define(
      "unknown-cipher",
      "c#basins c#bodies",
      "an unknown cipher is 400 bad_json",
      async (context) => {
        const basin = context.shared.workspace.basinName();
        refused(await post(context, basin, { stream_cipher: "rot13" }), 400, "bad_json");
        refused(await get(context, basin), 404, "basin_not_found");
      },
    ),
  ],
};
