// Basins: creating with and without a request token, ensuring, what is not there. Their
// configuration is in basin-config.ts, how they go in deletion.ts. Spec: control-plane#basins.

import { define, type Suite } from "../../case.js";
import { equal, includes, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";
import { BASIN_CONFIG } from "./basin-config.js";
import { get, patch, post, put } from "./basin-requests.js";
import { provisioned } from "./provisioned.js";

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
    ...BASIN_CONFIG,
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
