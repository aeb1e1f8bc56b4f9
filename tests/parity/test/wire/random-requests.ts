// Random histories of one basin: what applications do and what they get wrong, with times and
// conditions that often meet. Nothing in them depends on the clock, so two servers must agree.

import fc from "fast-check";

export interface RandomRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface History {
  readonly config: unknown;
  readonly requests: readonly RandomRequest[];
}

const stream = fc.constantFrom("a", "b");
const time = fc.integer({ min: 1, max: 10_000 });
const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
const mode = fc.constantFrom("client-prefer", "client-require");

const plainRecord = fc.record(
  {
    timestamp: time,
    headers: fc.array(fc.tuple(fc.constantFrom("h", "é", "k2"), fc.string({ maxLength: 8 })), {
      maxLength: 3,
    }),
    body: fc.string({ maxLength: 40 }),
  },
  { requiredKeys: ["timestamp"] },
);

const fenceRecord = fc.record({
  timestamp: time,
  headers: fc.constant([["", "fence"]]),
  body: fc.constantFrom("t1", "t2", ""),
});

const append = fc
  .record(
    {
      records: fc.oneof(
        { weight: 9, arbitrary: fc.array(plainRecord, { minLength: 1, maxLength: 6 }) },
        { weight: 1, arbitrary: fc.array(plainRecord, { minLength: 20, maxLength: 60 }) },
        { weight: 1, arbitrary: fc.array(fenceRecord, { minLength: 1, maxLength: 2 }) },
      ),
      match_seq_num: small(30),
      fencing_token: fc.constantFrom("t1", "t2", ""),
    },
    { requiredKeys: ["records"] },
  )
  .map((input) => (input.match_seq_num === undefined ? input : withoutSometimes(input)));

/** Conditions that fail hide all others: keep one in three. */
function withoutSometimes<T extends { match_seq_num?: number | undefined }>(input: T): T {
  if ((input.match_seq_num ?? 0) % 3 === 0) return input;
  const { match_seq_num: _dropped, ...rest } = input;
  return rest as T;
}

const start = fc.oneof(
  fc.constant(""),
  small(90).map((n) => `seq_num=${n}`),
  small(11_000).map((t) => `timestamp=${t}`),
  small(70).map((n) => `tail_offset=${n}`),
);

const readQuery = fc
  .tuple(
    start,
    fc.option(small(20).map((n) => `count=${n}`)),
    fc.option(small(300).map((n) => `bytes=${n}`)),
    fc.option(small(12_000).map((t) => `until=${t}`)),
    fc.option(fc.constantFrom("clamp=true", "clamp=false")),
  )
  .map((parts) => parts.filter((part) => part !== null && part !== ""));

const BOUNDED = /^(count|bytes|until)=/;

const read = fc.tuple(stream, readQuery, small(9)).map(([name, query, door]): RandomRequest => {
  // A session without a bound would follow for ever.
  const isBounded = query.some((part) => BOUNDED.test(part ?? ""));
  const headers: Record<string, string> = {};
  if (door === 0) headers["s2-format"] = "base64";
  if (door === 1) headers.accept = "application/protobuf";
  if (door === 2 && isBounded) headers.accept = "text/event-stream";
  if (door === 3 && isBounded) headers["content-type"] = "s2s/proto";
  return { method: "GET", path: `/v1/streams/${name}/records?${query.join("&")}`, headers };
});

function withJson(method: string, path: string, body: unknown): RandomRequest {
  return {
    method,
    path,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

const anyRequest: fc.Arbitrary<RandomRequest> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(stream, fc.option(mode)).map(([name, chosen]) =>
      withJson("POST", "/v1/streams", {
        stream: name,
        config: chosen === null ? null : { timestamping: { mode: chosen } },
      }),
    ),
  },
  {
    weight: 18,
    arbitrary: fc
      .tuple(stream, append)
      .map(([name, input]) => withJson("POST", `/v1/streams/${name}/records`, input)),
  },
  { weight: 18, arbitrary: read },
  {
    weight: 4,
    arbitrary: stream.map(
      (name): RandomRequest => ({
        method: "GET",
        path: `/v1/streams/${name}/records/tail`,
        headers: {},
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        stream,
        fc.constantFrom(null, { mode: "client-require" }, { uncapped: true }, { mode: null }),
      )
      .map(([name, timestamping]) => withJson("PATCH", `/v1/streams/${name}`, { timestamping })),
  },
);

export const histories: fc.Arbitrary<History> = fc.record({
  config: fc.record({
    create_stream_on_append: fc.boolean(),
    create_stream_on_read: fc.boolean(),
    default_stream_config: fc.record({
      storage_class: fc.constant("express"),
      timestamping: fc.record({ mode, uncapped: fc.boolean() }),
    }),
  }),
  requests: fc.array(anyRequest, { minLength: 5, maxLength: 60 }),
});
