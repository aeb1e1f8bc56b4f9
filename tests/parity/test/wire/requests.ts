// Requests over HTTP/1.1, in the order in which they are sent to a fresh server: what is right, what
// is at an edge, and what is wrong, for every route of the data and control plane.

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

const JSON_TYPE = { "content-type": "application/json" };
const BASIN = { "s2-basin": "wire-basin-1" };
const RECORDS = "/v1/streams/s/records";

type Headers = Readonly<Record<string, string>>;

/** With a JSON body, in the basin of most cases; text is sent as it is. */
function json(method: string, path: string, body: unknown, headers: Headers = {}): WireRequest {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { method, path, headers: { ...BASIN, ...JSON_TYPE, ...headers }, body: text };
}

function raw(
  method: string,
  path: string,
  headers: Headers = {},
  body?: string | Uint8Array,
): WireRequest {
  return { method, path, headers, body };
}

function basinsOfEveryKind(): WireRequest[] {
  const create = (body: unknown, headers: Headers = {}): WireRequest =>
    json("POST", "/v1/basins", body, headers);
  const token = { "s2-request-token": "token-1" };
  const name = "nine-wire-basin";
  const defaults = (config: unknown): unknown => ({
    basin: name,
    config: { default_stream_config: config },
  });
  return [
    create({ basin: "wire-basin-1", config: { create_stream_on_append: false } }),
    create({ basin: "wire-basin-1" }),
    create({ basin: "wire-basin-2" }, token),
    create({ basin: "wire-basin-2" }, token),
    create({ basin: "wire-basin-2", config: { create_stream_on_append: true } }, token),
    create({ basin: "wire-basin-3" }, { "s2-request-token": "x".repeat(37) }),
    ...[{ basin: "short" }, { basin: "UPPERCASE-1" }, { basin: 7 }, {}].map((body) => create(body)),
    ...["{", "", "null", "[]"].map((body) => create(body)),
    raw("POST", "/v1/basins", {}, '{"basin":"wire-basin-4"}'),
    raw("POST", "/v1/basins", { "content-type": "text/plain" }, '{"basin":"wire-basin-4"}'),
    create({ basin: "wire-basin-5", unknown: 1 }),
    create({ basin: "wire-basin-7", location: "bad location" }),
    ...[
      { retention_policy: { age: 0 } },
      { storage_class: "slow" },
      { timestamping: { mode: "x" } },
      { delete_on_empty: { min_age_secs: -1 } },
      { retention_policy: { age: 1, infinite: {} } },
      { retention_policy: {} },
      { retention_policy: "infinite" },
    ].map((config) => create(defaults(config))),
    create({ basin: name, config: { stream_cipher: "rot13" } }),
    ...[
      "prefix=wire-basin-&limit=2",
      "limit=0&prefix=wire-basin-5",
      "limit=1001&prefix=wire-basin-5",
      "limit=-1",
      "limit=x",
      "prefix=UPPER",
      "prefix=wire-basin-&start_after=wire-basin-2&limit=1",
      "start_after=a&prefix=wire-basin-5",
      "bogus=1&prefix=wire-basin-1",
      "prefix=a&prefix=b",
      `prefix=${"x".repeat(49)}`,
    ].map((query) => raw("GET", `/v1/basins?${query}`)),
    raw("GET", "/v1/basins/wire-basin-1"),
    raw("GET", "/v1/basins/none-basin-1"),
    raw("GET", "/v1/basins/bad"),
    raw("DELETE", "/v1/basins/none-basin-1"),
    json("PUT", "/v1/basins/wire-basin-1", { config: { create_stream_on_append: false } }),
    json("PUT", "/v1/basins/wire-basin-1", {}),
    raw("PUT", "/v1/basins/wire-basin-1"),
    json("PUT", "/v1/basins/wire-basin-1", "null"),
    json("PUT", "/v1/basins/wire-basin-10", { config: null, location: null }),
    raw("PUT", "/v1/basins/wire-basin-11"),
    ...[
      {},
      "null",
      { default_stream_config: { retention_policy: { age: 86_400 }, storage_class: "standard" } },
      { default_stream_config: { retention_policy: { age: 86_400 } } },
      { default_stream_config: { retention_policy: null } },
      { default_stream_config: { delete_on_empty: { min_age_secs: 60 } } },
      { default_stream_config: null },
      { default_stream_config: { retention_policy: { age: 86_400 } } },
      { default_stream_config: null },
      { stream_cipher: "aes-256-gcm" },
      { stream_cipher: null },
      { create_stream_on_read: null },
      { bogus: 1 },
    ].map((patch) => json("PATCH", "/v1/basins/wire-basin-1", patch)),
    raw("PATCH", "/v1/basins/wire-basin-1"),
  ];
}

function streamsOfEveryKind(): WireRequest[] {
  const create = (body: unknown, headers: Headers = {}): WireRequest =>
    json("POST", "/v1/streams", body, headers);
  const timestamping = { mode: "client-require", uncapped: true };
  return [
    raw("POST", "/v1/streams", JSON_TYPE, '{"stream":"s"}'),
    create({ stream: "s" }, { "s2-basin": "bad" }),
    create({ stream: "s" }),
    create({ stream: "s" }),
    create({ stream: "" }),
    create({ stream: "x".repeat(513) }),
    create({ stream: "a/b", config: { retention_policy: { age: 60 }, timestamping } }),
    create({ stream: "a/c", config: null }),
    ...["", "?prefix=a%2F&limit=1", "?start_after=a/b", "/a%2Fb", "/a/b", "/none", "/"].map(
      (rest) => raw("GET", `/v1/streams${rest}`, BASIN),
    ),
    json("PUT", "/v1/streams/s", {}),
    json("PUT", "/v1/streams/s", "null"),
    raw("PUT", "/v1/streams/s", BASIN),
    raw("PUT", "/v1/streams/t", BASIN),
    json("PUT", "/v1/streams/t", { retention_policy: { age: 120 } }),
    json("PUT", "/v1/streams/t", { config: {} }),
    json("PUT", "/v1/streams/t", { retention_policy: { age: 0 } }),
    ...[
      { retention_policy: { infinite: {} } },
      {},
      { timestamping: { mode: "arrival" } },
      { timestamping: { uncapped: true } },
      { timestamping: null },
      { storage_class: null },
    ].map((patch) => json("PATCH", "/v1/streams/t", patch)),
    json("PATCH", "/v1/streams/none", {}),
    raw("DELETE", "/v1/streams/none", BASIN),
  ];
}

/** Every record has a time of its own, so that answers are the same in each run. */
function appendsOfEveryKind(): WireRequest[] {
  const append = (body: unknown, headers: Headers = {}): WireRequest =>
    json("POST", RECORDS, body, headers);
  const one = (record: Record<string, unknown>, more: Record<string, unknown> = {}): unknown => ({
    records: [{ timestamp: 5_000, ...record }],
    ...more,
  });
  const typed = (type: string, body: string | Uint8Array): WireRequest =>
    raw("POST", RECORDS, { ...BASIN, "content-type": type }, body);
  const many = (count: number): unknown => ({
    records: Array.from({ length: count }, () => ({ timestamp: 6_000 })),
  });
  return [
    append(one({ body: "a", headers: [["k", "v"]], timestamp: 1_000 })),
    ...[{ records: [] }, {}, "null", "", "{"].map((body) => append(body)),
    append(one({ body: "a", headers: [["", "x"]] })),
    append(one({ headers: [["", "fence"]], body: "tok", timestamp: 2_000 })),
    append(one({ headers: [["", "fence"]], body: "x".repeat(37) })),
    append(one({ headers: [["", "trim"]], body: "x" })),
    append(
      one({
        headers: [
          ["", ""],
          ["a", "b"],
        ],
        body: "x",
      }),
    ),
    append(
      one({
        headers: [
          ["a", "b"],
          ["", "x"],
        ],
        body: "x",
      }),
    ),
    append(one({ body: "b" }, { fencing_token: "bad" })),
    append(one({ body: "b", timestamp: 3_000 }, { fencing_token: "tok" })),
    append(one({ body: "b" }, { fencing_token: "x".repeat(37) })),
    ...[0, -1, "1"].map((match) => append(one({ body: "b" }, { match_seq_num: match }))),
    append(one({ body: "b" }, { match_seq_num: 3, fencing_token: "bad" })),
    append(one({ body: "b" }, { match_seq_num: 9, fencing_token: "bad" })),
    append(one({ body: "c", timestamp: -1 })),
    append(one({ body: "c", timestamp: 1.5 })),
    append(one({ body: 7 })),
    append(one({ headers: { a: "b" } })),
    append(one({ headers: [["a"]] })),
    append(one({ bogus: 1, timestamp: 4_000 })),
    append(one({ body: "AAE=", timestamp: 4_500 }, {}), { "s2-format": "base64" }),
    append(one({ body: "%%" }), { "s2-format": "base64" }),
    append(one({ body: "AAE" }), { "s2-format": "base64" }),
    append(one({ body: "x" }), { "s2-format": "bogus" }),
    append(many(1_001)),
    append(many(1_000)),
    append(one({ body: "x".repeat(1_048_569) })),
    append(one({ body: "x".repeat(1_048_568), timestamp: 7_000 })),
    append({ records: [{ body: "x".repeat(700_000) }, { body: "x".repeat(700_000) }] }),
    raw("POST", RECORDS, BASIN, '{"records":[]}'),
    typed("application/xml", "{}"),
    typed("application/protobuf", new Uint8Array([0xff, 0xff])),
    typed("application/protobuf", new Uint8Array()),
    append("xx", { "content-encoding": "gzip" }),
    append("{}", { "content-encoding": "bogus" }),
    append(one({ body: "x" }), { "s2-encryption-key": "bad" }),
    append(one({ body: "x" }), { "s2-stream-config": "{bad" }),
    json("POST", "/v1/streams/none/records", one({ body: "a" })),
    typed("s2s/proto", new Uint8Array([0, 0, 1, 0x80])),
    typed("s2s/proto", new Uint8Array()),
  ];
}

function readsOfEveryKind(): WireRequest[] {
  const read = (query: string, headers: Headers = {}): WireRequest =>
    raw("GET", `${RECORDS}?${query}`, { ...BASIN, ...headers });
  return [
    raw("GET", `${RECORDS}/tail`, BASIN),
    raw("GET", "/v1/streams/none/records/tail", BASIN),
    ...[
      "",
      "seq_num=0&count=1",
      "seq_num=0&count=0",
      "seq_num=0&bytes=0",
      "seq_num=0&bytes=30",
      "seq_num=x",
      "seq_num=-1",
      "seq_num=99999",
      "seq_num=99999&clamp=true",
      "seq_num=99999&clamp=1",
      "seq_num=0&tail_offset=1",
      "seq_num=0&timestamp=1",
      "tail_offset=0",
      "tail_offset=1&bytes=20",
      "timestamp=0&count=1",
      "timestamp=2500&count=1",
      "timestamp=99999999999999",
      "seq_num=0&until=0",
      "seq_num=0&until=2001",
      "timestamp=5&until=5",
      "seq_num=0&wait=x",
      "seq_num=0&count=1&bogus=1",
      "seq_num=0&seq_num=1",
      "seq_num=&count=1",
      "seq_num=18446744073709551615",
      "seq_num=18446744073709551616",
      "seq_num=0&count=3&clamp=",
      "tail_offset=18446744073709551615&count=1",
    ].map((query) => read(query)),
    ...["base64", "bogus"].map((format) => read("seq_num=0&count=2", { "s2-format": format })),
    ...["application/protobuf", "text/event-stream", "text/html"].map((accept) =>
      read("seq_num=0&count=2", { accept }),
    ),
    read("seq_num=0&count=2", { accept: "*/*", "content-type": "application/protobuf" }),
    read("seq_num=999999&count=2", { accept: "text/event-stream" }),
    ...["1,2,3", "0,1,16", "x"].map((id) =>
      read("seq_num=0&count=3", { accept: "text/event-stream", "last-event-id": id }),
    ),
    read("seq_num=0&count=2", { "content-type": "s2s/proto" }),
    read("seq_num=999999&count=2", { "content-type": "s2s/proto" }),
    raw("GET", "/v1/streams/none/records?seq_num=0", BASIN),
  ];
}

function routesOfEveryKind(): WireRequest[] {
  return [
    ...["/", "/v1", "/v1/", "/v1/bogus", "/health"].map((path) => raw("GET", path)),
    raw("PATCH", "/v1/basins"),
    raw("DELETE", RECORDS, BASIN),
    raw("POST", `${RECORDS}/tail`, BASIN),
    raw("HEAD", "/v1/basins"),
    raw("HEAD", "/health"),
    raw("GET", `${RECORDS}/bogus`, BASIN),
    raw("DELETE", "/v1/streams/t", BASIN),
    raw("DELETE", "/v1/basins/wire-basin-2"),
  ];
}

export const WIRE_REQUESTS: readonly WireRequest[] = [
  ...basinsOfEveryKind(),
  ...streamsOfEveryKind(),
  ...appendsOfEveryKind(),
  ...readsOfEveryKind(),
  ...routesOfEveryKind(),
];
