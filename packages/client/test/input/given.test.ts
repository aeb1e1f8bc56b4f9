// What a caller gives by hand: taken where it can be meant, refused at once where it cannot, with the next
// step in the error.

import { describe, expect, it } from "vitest";
import {
  type BatchInput,
  S2,
  S2Endpoints,
  S2Environment,
  type S2Options,
} from "../../src/index.node.js";
import { closing, failureOf, peer, stream } from "../harness/client.js";

const TOKEN = { accessToken: "t" };

async function refusal(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (caught) {
    expect(caught).toMatchObject({ code: "INVALID_ARGUMENT" });
    return (caught as Error).message;
  }
  throw new Error("expected a refusal");
}

describe("options", () => {
  it.each<[string, () => unknown, string]>([
    [
      "of a client",
      () => new S2({ acessToken: "t" } as never),
      "did you mean accessToken? option=acessToken",
    ],
    [
      "of a client, long",
      () => new S2({ ...TOKEN, forceTransport: "s2s" } as never),
      "did you mean transport?",
    ],
    [
      "of a client, strange",
      () => new S2({ ...TOKEN, xyz: 1 } as never),
      "it has accessToken, endpoints",
    ],
    [
      "of retries",
      () => new S2({ ...TOKEN, retry: { maxAttempt: 2 } as never }),
      "did you mean maxAttempts?",
    ],
    [
      "of HTTP/2",
      () => new S2({ ...TOKEN, http2: { window: 1 } as never }),
      "S2Options.http2 has no such option",
    ],
    [
      "of endpoints",
      () => new S2({ ...TOKEN, endpoints: { basins: "x" } as never }),
      "did you mean basin?",
    ],
    [
      "of components",
      () => new S2(TOKEN, { transport: {} } as never),
      "S2Components has no such option: it has clock, random, fetch, carrier, hooks",
    ],
    ["no options", () => new S2(undefined as never), "accessToken is missing"],
    ["an empty object", () => new S2({} as never), "S2Environment.parse()"],
    ["a token alone", () => new S2("token" as never), "must be an object of options given=string"],
    [
      "an own transport",
      () => new S2({ ...TOKEN, transport: {} as never }),
      "new S2(options, { carrier })",
    ],
    [
      "a transport that is none",
      () => new S2({ ...TOKEN, transport: "h2" as never }),
      "must be one of auto, fetch, s2s, ws",
    ],
    [
      "a timeout as text",
      () => new S2({ ...TOKEN, requestTimeoutMillis: "5" as never }),
      "option=requestTimeoutMillis",
    ],
    [
      "a basin that is no text",
      () => new S2(TOKEN).basin(undefined as never),
      "basin name must be text given=undefined",
    ],
  ])("names what does not exist or does not fit: %s", async (_what, call, message) => {
    expect(await refusal(call)).toContain(message);
  });

  it("of calls are looked at before anything is sent", async () => {
    const server = await peer();
    const handle = stream(server.url);
    const basin = closing(new S2({ ...TOKEN, endpoints: server.url })).basin("test-basin");
    const calls: [() => unknown, string][] = [
      [
        () => handle.read({ seqNum: 0 } as never),
        "ReadInput has no such option: it has start, stop",
      ],
      [() => handle.read({ start: { form: {} } } as never), "did you mean from?"],
      [() => handle.read({ start: { from: { seqnum: 1 } } } as never), "did you mean seqNum?"],
      [() => handle.read({ stop: { limits: { cuont: 1 } } } as never), "did you mean count?"],
      [() => handle.read({ stop: { waitSecs: "3" as never } }), "waitSecs must be a number"],
      [() => handle.read({ start: { from: { seqNum: "3" as never } } }), "seqNum must be a number"],
      [() => handle.read({}, { as: "json" as never }), "option must be string or bytes option=as"],
      [() => handle.read({}, { singal: undefined } as never), "did you mean signal?"],
      [() => handle.readSession({}, { retryPolicy: "for ever" as never }), "budgeted, indefinite"],
      [() => handle.append({ records: [], matchSeqnum: 1 } as never), "did you mean matchSeqNum?"],
      [() => handle.append({ body: "x" } as never), "a batch has no such option: it has records"],
      [() => handle.append("x" as never), "a batch must be records or { records"],
      [() => handle.append(undefined as never), "given=undefined"],
      [
        () => handle.append([{ body: 5 as never }]),
        "a body must be text or a Uint8Array given=number",
      ],
      [() => handle.append([{ bdoy: "x" } as never]), "did you mean body?"],
      [
        () => handle.append([{ headers: { a: "b" } as never }]),
        "headers must be pairs: [[name, value]]",
      ],
      [
        () => handle.append([{ headers: ["a"] as never }]),
        "headers must be pairs: [[name, value]] given=string",
      ],
      [() => handle.append(["x" as never]), "a record must be an object with a body given=string"],
      [() => handle.appendSession({ maxInflight: 1 } as never), "did you mean maxInflightBytes?"],
      [() => basin.stream("s", { transprot: "ws" } as never), "did you mean transport?"],
      [() => basin.streams.create({ name: "s" } as never), "streams.create has no such option"],
      [
        () => basin.streams.create(undefined as never),
        "streams.create needs an argument: { stream }",
      ],
      [
        () => basin.streams.create({ stream: "s", config: { retention: 1 } as never }),
        "did you mean retentionPolicy?",
      ],
      [() => basin.streams.list({ perfix: "a" } as never), "did you mean prefix?"],
    ];
    for (const [call, message] of calls) expect(await refusal(call)).toContain(message);
    expect(server.requests).toEqual([]);
  });

  it("take null and one address for everything", async () => {
    const server = await peer();
    const bodies: unknown[] = [];
    server.always(async (exchange) => {
      bodies.push(JSON.parse(Buffer.from(await exchange.body()).toString()));
      exchange.json(201, { name: "some-basin", created_at: "2026-01-01T00:00:00Z" });
    });
    const s2 = closing(new S2({ ...TOKEN, endpoints: server.url }));
    await s2.basins.create({ basin: "some-basin", config: null, location: null });
    const streams = { retentionPolicy: null, timestamping: { mode: null }, deleteOnEmpty: null };
    await s2.basins.create({
      basin: "some-basin",
      config: { defaultStreamConfig: streams, streamCipher: null },
    });
    expect(bodies).toEqual([
      { basin: "some-basin" },
      {
        basin: "some-basin",
        config: {
          default_stream_config: null,
          stream_cipher: null,
          create_stream_on_append: false,
          create_stream_on_read: false,
        },
      },
    ]);
  });
});

describe("the environment", () => {
  it("has one endpoint for all, which those of its halves win over", () => {
    const parsed = (variables: Record<string, string>): Partial<S2Options> => {
      const before = { ...process.env };
      Object.assign(process.env, variables);
      try {
        return S2Environment.parse();
      } finally {
        process.env = before;
      }
    };
    expect(parsed({ S2_ENDPOINT: "http://here" }).endpoints).toEqual({
      account: "http://here",
      basin: "http://here",
    });
    expect(parsed({ S2_ENDPOINT: "http://here", S2_BASIN_ENDPOINT: "there" }).endpoints).toEqual({
      account: "http://here",
      basin: "there",
    });
    expect(S2Endpoints.forEndpoint("localhost:8080").accountUrl()).toBe("http://localhost:8080/v1");
  });
});

describe("records by hand", () => {
  it.each<[string, BatchInput]>([
    ["a list", [{ body: "x" }, { body: Buffer.from("x"), headers: null }]],
    [
      "with conditions",
      { records: [{ body: "x" }, { body: "x" }], matchSeqNum: null, fencingToken: "f" },
    ],
    [
      "with the size of other libraries",
      { records: [{ body: "x", meteredBytes: 9 }, { body: "x" }], meteredBytes: 18 } as never,
    ],
  ])("are taken: %s", async (_what, batch) => {
    const server = await peer();
    server.always((exchange) => exchange.respond(500));
    const handle = stream(server.url, { retry: { maxAttempts: 1 } });
    expect(await failureOf(handle.append(batch))).toMatchObject({ status: 500 });
    expect(server.requests).toHaveLength(1);
  });
});
