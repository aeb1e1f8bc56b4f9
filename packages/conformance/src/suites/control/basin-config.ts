// The configuration of basins: what is kept, merged, cleared, refused and shown of it.
// Cases of the suite in basins.ts. Spec: control-plane#get-and-reconfigure-a-basin.

import type { Case } from "../../case.js";
import { define } from "../../case.js";
import { equal, includes, ok, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";
import { get, patch, post, put } from "./basin-requests.js";
import { provisioned } from "./provisioned.js";

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
    const { json: got } = await get(context, basin);
    // GET may resolve the storage class; PATCH answers what is set.
    equal({ ...got, default_stream_config: unresolved(got) }, answered, "GET after PATCH");
    return answered;
  };
  const before = (await get(context, basin)).json;
  const whole = { ...before, default_stream_config: unresolved(before) };
  equal(await change({}), whole, "an empty PATCH");
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

/** The defaults of a basin in which no storage class was set. */
function unresolved({ default_stream_config: shown }: Answer["json"]): unknown {
  return shown === null ? null : { ...shown, storage_class: null };
}

async function patchAnswersWhatIsSet(context: Context): Promise<void> {
  const basin = await context.basin({ default_stream_config: { retention_policy: { age: 100 } } });
  const merged = await patch(context, basin, { default_stream_config: { delete_on_empty: {} } });
  const { default_stream_config: unset } = status(merged, 200).json;
  equal(unset.storage_class, null, "a storage class that is not set");
  const named = await patch(context, basin, { default_stream_config: { storage_class: "cold" } });
  equal(status(named, 200).json.default_stream_config.storage_class, "cold", "one that is set");
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

export const BASIN_CONFIG: readonly Case[] = [
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
    "reconfigure-answers-what-is-set",
    "c#get-and-reconfigure-a-basin",
    "PATCH answers what is set, not the default storage class",
    patchAnswersWhatIsSet,
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
];
