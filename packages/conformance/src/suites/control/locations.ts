// Locations: the list, the default, setting it. What was the default is put back at the end of the
// run. Needs a server that has some. Spec: control-plane#locations.

import { define, type Suite } from "../../case.js";
import { equal, includes, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

async function list(context: Context): Promise<void> {
  const { json } = status(await context.call("GET", "/v1/locations"), 200);
  ok(Array.isArray(json) && json.length > 0, "a bare list");
  for (const each of json) {
    ok(
      typeof each.name === "string" && /^[A-Za-z0-9:.-]{1,64}$/.test(each.name),
      `name ${each.name}`,
    );
    ok(typeof each.is_private === "boolean", "is_private");
    // Older servers tell neither.
    const { storage_classes: classes, default_storage_class: usual } = each;
    if (classes !== undefined)
      ok(
        Array.isArray(classes) && classes.every((name) => typeof name === "string"),
        "storage_classes",
      );
    if (usual !== undefined) ok(classes?.includes(usual) ?? true, "default_storage_class");
  }
  const { json: inForce } = status(await context.call("GET", "/v1/locations/default"), 200);
  ok(
    json.some((each: { name: string }) => each.name === inForce.name),
    "the default is one of them",
  );
}

async function setDefault(context: Context): Promise<void> {
  const { json: before } = status(await context.call("GET", "/v1/locations/default"), 200);
  context.shared.workspace.restoreLocation(before.name);
  const { json: all } = status(await context.call("GET", "/v1/locations"), 200);
  const other = all.find((each: { name: string }) => each.name !== before.name) ?? before;
  // Setting it twice is no mistake.
  for (let turn = 0; turn < 2; turn++) {
    const put = await context.call("PUT", "/v1/locations/default", { json: other.name });
    equal(status(put, 200).json.name, other.name, "the one in force");
  }
  equal((await context.call("GET", "/v1/locations/default")).json.name, other.name, "GET");
  const basin = context.shared.workspace.basinName();
  const made = status(await context.call("POST", "/v1/basins", { json: { basin } }), 201);
  equal(
    made.json.location,
    other.name,
    "a basin without a location gets the default of that moment",
  );
  status(await context.call("PUT", "/v1/locations/default", { json: before.name }), 200);
  includes(
    (await context.call("GET", `/v1/basins?prefix=${basin}`)).json.basins[0],
    { location: other.name },
    "and keeps it",
  );
}

async function wrong(context: Context): Promise<void> {
  refused(
    await context.call("PUT", "/v1/locations/default", { json: "no-such-place" }),
    422,
    "invalid",
  );
  const long = JSON.stringify("x".repeat(65));
  for (const body of ["", "{}", '{"name":"local"}', "7", "null", "{", '"bad name"', '""', long])
    refused(
      await context.call("PUT", "/v1/locations/default", {
        body,
        headers: { "content-type": "application/json" },
      }),
      400,
      "bad_json",
      `PUT of ${body}`,
    );
}

async function ofBasins(context: Context): Promise<void> {
  const { json: all } = status(await context.call("GET", "/v1/locations"), 200);
  const basin = context.shared.workspace.basinName();
  const { name } = all[0];
  const made = status(
    await context.call("POST", "/v1/basins", { json: { basin, location: name } }),
    201,
  );
  equal(made.json.location, name, "location");
  const same = await context.call("PUT", `/v1/basins/${basin}`, { json: { location: name } });
  equal(status(same, 200).headers["s2-provision-result"], "noop", "the same location");
  refused(
    await context.call("PUT", `/v1/basins/${basin}`, { json: { location: "no-such-place" } }),
    422,
    "invalid",
  );
  const none = context.shared.workspace.basinName();
  const nowhere = { basin: none, location: "no-such-place" };
  refused(await context.call("POST", "/v1/basins", { json: nowhere }), 422, "invalid");
  refused(await context.call("GET", `/v1/basins/${none}`), 404, "basin_not_found");
}

export const LOCATIONS: Suite = {
  name: "locations",
  title: "Locations",
  cases: [
    define(
      "list",
      "c#locations c#names",
      "a bare list of names, the default is one of them",
      list,
      { needs: ["locations"] },
    ),
    define("default", "c#locations", "PUT sets the default of new basins", setDefault, {
      needs: ["locations"],
    }),
    define("wrong", "c#locations c#bodies", "an unknown one is 422, what is no name 400", wrong, {
      needs: ["locations"],
    }),
    define(
      "of-basins",
      "c#locations c#ensure",
      "a basin keeps its location; another one is 422",
      ofBasins,
      { needs: ["locations"] },
    ),
  ],
};
