// Every operation of the route table over HTTP/2, right and wrong once each: what the other suites
// say of HTTP/1.1 must not hang on the version. Spec: data-plane#carriers, control-plane#routes.

import { define, type Suite } from "../../case.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { CallOptions } from "../../run/caller.js";
import type { Context } from "../../run/context.js";

const call = (
  context: Context,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> => context.call(method, path, { ...options, over: "h2" });

async function basins(context: Context): Promise<void> {
  const { workspace } = context.shared;
  const [basin, other, none] = [
    workspace.basinName(),
    workspace.basinName(),
    workspace.basinName(),
  ];
  status(await call(context, "POST", "/v1/basins", { json: { basin } }), 201);
  refused(
    await call(context, "POST", "/v1/basins", { json: { basin } }),
    409,
    "resource_already_exists",
  );
  const ensured = status(await call(context, "PUT", `/v1/basins/${other}`), 201);
  equal(ensured.headers["s2-provision-result"], "created", "s2-provision-result");
  refused(await call(context, "PUT", "/v1/basins/Bad"), 400, "bad_path");
  status(await call(context, "GET", `/v1/basins/${basin}`), 200);
  refused(await call(context, "GET", `/v1/basins/${none}`), 404, "basin_not_found");
  const json = { create_stream_on_read: true };
  equal(
    status(await call(context, "PATCH", `/v1/basins/${basin}`, { json }), 200).json
      .create_stream_on_read,
    true,
    "PATCH",
  );
  refused(await call(context, "PATCH", `/v1/basins/${basin}`), 400, "bad_json");
  const list = status(await call(context, "GET", `/v1/basins?prefix=${basin}`), 200);
  equal(list.json.basins.length, 1, "list");
  refused(await call(context, "GET", "/v1/basins?limit=x"), 400, "bad_query");
  equal(status(await call(context, "DELETE", `/v1/basins/${other}`), 202).text, "", "body of 202");
  refused(await call(context, "DELETE", `/v1/basins/${none}`), 404, "basin_not_found");
}

async function streams(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const [name, other] = [context.name(), context.name()];
  const ask = (method: string, path: string, options: CallOptions = {}): Promise<Answer> =>
    call(context, method, path, { basin, ...options });
  status(await ask("POST", "/v1/streams", { json: { stream: name } }), 201);
  refused(await ask("POST", "/v1/streams", { json: {} }), 400, "bad_json");
  status(await ask("PUT", `/v1/streams/${other}`), 201);
  refused(
    await ask("PUT", `/v1/streams/${other}`, { json: { retention_policy: { age: 0 } } }),
    422,
    "invalid",
  );
  status(await ask("GET", `/v1/streams/${name}`), 200);
  refused(await ask("GET", "/v1/streams/none-such"), 404, "stream_not_found");
  status(await ask("PATCH", `/v1/streams/${name}`, { json: {} }), 200);
  refused(await ask("PATCH", "/v1/streams/none-such", { json: {} }), 404, "stream_not_found");
  equal(status(await ask("GET", `/v1/streams?prefix=${name}`), 200).json.streams.length, 1, "list");
  refused(await call(context, "GET", "/v1/streams"), 400, "bad_header");
  equal(status(await ask("DELETE", `/v1/streams/${other}`), 202).text, "", "body of 202");
  equal(
    status(await ask("GET", `/v1/streams/${name}/records/tail`), 200).json,
    { tail: { seq_num: 0, timestamp: 0 } },
    "tail",
  );
  status(await ask("DELETE", `/v1/streams/${name}/records`), 405);
}

async function records(context: Context): Promise<void> {
  const stream = await context.stream();
  const over = "h2";
  const base64 = { "s2-format": "base64" };
  status(await stream.post({ records: [{ body: "aGk=" }] }, { over, headers: base64 }), 200);
  const proto = { "content-type": "application/protobuf", accept: "application/protobuf" };
  const body = encodeInput({ records: [{ body: "x" }], matchSeqNum: 1 });
  equal(
    status(
      await call(context, "POST", stream.path, { basin: stream.basin, body, headers: proto }),
      200,
    ).headers["content-type"],
    "application/protobuf",
    "content-type",
  );
  equal(
    status(await stream.get("seq_num=0", { over, headers: base64 }), 200).json.records[0].body,
    "aGk=",
    "base64",
  );
  status(await stream.get("seq_num=0", { over, headers: { accept: "application/protobuf" } }), 200);
  equal(
    (await stream.post({ records: [{}], match_seq_num: 9 }, { over })).json,
    { seq_num_mismatch: 2 },
    "412",
  );
  refused(await stream.post({ records: [] }, { over }), 422, "invalid");
  refused(await stream.get("seq_num=x", { over }), 400, "bad_query");
}

async function tokens(context: Context): Promise<void> {
  const id = context.shared.workspace.tokenId();
  status(
    await call(context, "POST", "/v1/access-tokens", { json: { id, scope: { ops: ["read"] } } }),
    201,
  );
  refused(
    await call(context, "POST", "/v1/access-tokens", { json: { id, scope: {} } }),
    422,
    "invalid",
  );
  equal(
    status(await call(context, "GET", `/v1/access-tokens?prefix=${id}`), 200).json.access_tokens
      .length,
    1,
    "list",
  );
  equal(
    status(await call(context, "DELETE", `/v1/access-tokens/${id}`), 204).text,
    "",
    "body of 204",
  );
  refused(await call(context, "DELETE", `/v1/access-tokens/${id}`), 404, "access_token_not_found");
}

async function locations(context: Context): Promise<void> {
  status(await call(context, "GET", "/v1/locations"), 200);
  const { json } = status(await call(context, "GET", "/v1/locations/default"), 200);
  ok200(await call(context, "PUT", "/v1/locations/default", { json: json.name }), json.name);
  refused(
    await call(context, "PUT", "/v1/locations/default", { json: "no-such-place" }),
    422,
    "invalid",
  );
}

function ok200(answer: Answer, name: string): void {
  equal(status(answer, 200).json.name, name, "the default stays");
}

async function metrics(context: Context): Promise<void> {
  const { basin, name } = await context.stream();
  for (const [path, set] of [
    ["", "account-ops"],
    [`/${basin}`, "storage"],
    [`/${basin}/${name}`, "storage"],
  ] as const) {
    status(await call(context, "GET", `/v1/metrics${path}?set=${set}&start=0&end=1`), 200);
    refused(await call(context, "GET", `/v1/metrics${path}?set=none`), 400, "bad_query");
  }
}

const HEADINGS = "d#carriers c#routes";

export const HTTP2_OPERATIONS: Suite = {
  name: "http2",
  title: "Every operation over HTTP/2",
  cases: [
    define("basins", HEADINGS, "basins over HTTP/2", basins, { needs: ["http2"] }),
    define("streams", HEADINGS, "streams over HTTP/2", streams, { needs: ["http2"] }),
    define(
      "records",
      `${HEADINGS} d#which-format-is-spoken`,
      "records in every format over HTTP/2",
      records,
      { needs: ["http2"] },
    ),
    define("access-tokens", HEADINGS, "access tokens over HTTP/2", tokens, {
      needs: ["http2", "access-tokens"],
    }),
    define("locations", HEADINGS, "locations over HTTP/2", locations, {
      needs: ["http2", "locations"],
    }),
    define("metrics", HEADINGS, "metrics over HTTP/2", metrics, { needs: ["http2", "metrics"] }),
  ],
};
