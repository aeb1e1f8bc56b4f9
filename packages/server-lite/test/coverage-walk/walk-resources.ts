// Basins, streams, access tokens, locations and metrics: every route once, and the codes of theirs.

import { ask, json, type Walk } from "./walk.js";

const BASIN = "coverage-basin";

export async function walkBasins(walk: Walk): Promise<void> {
  await ask(walk, 201, "POST", "/v1/basins", json({ basin: BASIN }));
  await ask(walk, 200, "GET", "/v1/basins");
  await ask(walk, 200, "GET", `/v1/basins/${BASIN}`);
  await ask(walk, 200, "PUT", `/v1/basins/${BASIN}`);
  await ask(walk, 201, "PUT", "/v1/basins/another-basin");
  await ask(walk, 200, "PATCH", `/v1/basins/${BASIN}`, json({ create_stream_on_append: true }));
  await ask(walk, "resource_already_exists", "POST", "/v1/basins", json({ basin: BASIN }));
  await ask(walk, "bad_json", "POST", "/v1/basins", json({ basin: "x" }));
  await ask(walk, "bad_path", "GET", "/v1/basins/X");
  await ask(walk, "bad_query", "GET", "/v1/basins?limit=x");
  await ask(walk, "bad_header", "POST", "/v1/basins", {
    ...json({ basin: BASIN }),
    headers: { "s2-request-token": "x".repeat(37) },
  });
  const ageless = { default_stream_config: { retention_policy: { age: 0 } } };
  await ask(walk, "invalid", "PATCH", `/v1/basins/${BASIN}`, json(ageless));
  await ask(walk, "basin_not_found", "GET", "/v1/basins/missing-basin");
  await ask(walk, "basin_not_found", "DELETE", "/v1/basins/missing-basin");
  await ask(walk, 202, "DELETE", "/v1/basins/another-basin");
}

/** @param walk - a server whose time stands still: a purge never comes */
export async function walkDeletion(walk: Walk): Promise<void> {
  const basin = "deleted-basin";
  await ask(walk, 201, "PUT", `/v1/basins/${basin}`);
  await ask(walk, 201, "PUT", "/v1/streams/s", { basin });
  await ask(walk, 202, "DELETE", "/v1/streams/s", { basin });
  await ask(walk, "stream_deletion_pending", "GET", "/v1/streams/s", { basin });
  await ask(walk, "stream_deletion_pending", "GET", "/v1/streams/s/records/tail", { basin });
  await ask(walk, 202, "DELETE", `/v1/basins/${basin}`);
  await ask(walk, "basin_deletion_pending", "POST", "/v1/basins", json({ basin }));
}

export async function walkStreams(walk: Walk): Promise<void> {
  const basin = BASIN;
  await ask(walk, 201, "POST", "/v1/streams", { basin, json: { stream: "made" } });
  await ask(walk, 201, "PUT", "/v1/streams/ensured", { basin });
  await ask(walk, 200, "PUT", "/v1/streams/ensured", { basin });
  await ask(walk, 200, "GET", "/v1/streams", { basin });
  await ask(walk, 200, "GET", "/v1/streams/made", { basin });
  await ask(walk, 200, "PATCH", "/v1/streams/made", { basin, json: { storage_class: "standard" } });
  await ask(walk, 200, "GET", "/v1/streams/made/records/tail", { basin });
  await ask(walk, "resource_already_exists", "POST", "/v1/streams", {
    basin,
    json: { stream: "made" },
  });
  await ask(walk, "bad_header", "GET", "/v1/streams");
  await ask(walk, "bad_path", "GET", "/v1/streams/%00", { basin });
  await ask(walk, "stream_not_found", "PATCH", "/v1/streams/missing", { basin, json: {} });
  await ask(walk, "basin_not_found", "GET", "/v1/streams", { basin: "missing-basin" });
  await ask(walk, "invalid", "PATCH", "/v1/streams/made", {
    basin,
    json: { retention_policy: { age: 0 } },
  });
  await ask(walk, 202, "DELETE", "/v1/streams/made", { basin });
}

/** @param walk - a server with authentication */
export async function walkAccess(walk: Walk, rootToken: string): Promise<void> {
  const root = { authorization: `Bearer ${rootToken}` };
  const tokens = "/v1/access-tokens";
  const scope = { basins: { prefix: "" }, ops: ["list-basins"] };
  const issued = await ask(walk, 201, "POST", tokens, { json: { id: "t", scope }, headers: root });
  const limited = { authorization: `Bearer ${issued.json.access_token}` };
  await ask(walk, 200, "GET", tokens, { headers: root });
  await ask(walk, "authn", "GET", tokens);
  await ask(walk, "permission_denied", "GET", tokens, { headers: limited });
  await ask(walk, "resource_already_exists", "POST", tokens, {
    json: { id: "t", scope },
    headers: root,
  });
  await ask(walk, "invalid", "POST", tokens, { json: { id: "u", scope: {} }, headers: root });
  await ask(walk, 204, "DELETE", `${tokens}/t`, { headers: root });
  await ask(walk, "access_token_not_found", "DELETE", `${tokens}/t`, { headers: root });
  await ask(walk, "authn", "GET", "/v1/basins", { headers: limited });
}

export async function walkAccount(walk: Walk): Promise<void> {
  await ask(walk, 200, "GET", "/v1/locations");
  const { json: info } = await ask(walk, 200, "GET", "/v1/locations/default");
  await ask(walk, 200, "PUT", "/v1/locations/default", json(info.name));
  await ask(walk, "bad_json", "PUT", "/v1/locations/default", json(7));
  const range = "start=0&end=60";
  await ask(walk, 200, "GET", `/v1/metrics?set=account-ops&${range}`);
  await ask(walk, 200, "GET", `/v1/metrics/${BASIN}?set=storage&${range}`);
  await ask(walk, 200, "GET", `/v1/metrics/${BASIN}/ensured?set=storage&${range}`);
  await ask(walk, "bad_query", "GET", "/v1/metrics?set=nope");
  await ask(walk, "invalid", "GET", "/v1/metrics?set=account-ops");
}
