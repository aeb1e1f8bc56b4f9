// The configuration of streams: how it resolves, what a change keeps and resets, and what it
// governs. Cases of the suite in streams.ts. Spec: control-plane#streams.

import type { Case } from "../../case.js";
import { define } from "../../case.js";
import { frameOf } from "../../codec/frame.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, includes, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

export const DEFAULTS = {
  storage_class: "express",
  retention_policy: { age: 604_800 },
  timestamping: { mode: "client-prefer", uncapped: false },
  delete_on_empty: { min_age_secs: 0 },
};

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

export const STREAM_CONFIG: readonly Case[] = [
  define("defaults", "c#streams", "GET answers all leaves, defaults included", defaults),
  define(
    "resolution",
    "c#streams",
    "each leaf is the request's, else the basin's, else the default",
    resolution,
  ),
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
    "delete-on-empty",
    "c#delete-on-empty d#loss-of-records-that-is-meant",
    "min_age_secs is kept; a stream with records stays",
    deleteOnEmpty,
    { isSlow: true },
  ),
];
