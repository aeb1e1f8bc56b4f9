// Secrets and settings at the door. Numbers in comments are recorded defects in tests/sdk/test/defects.test.ts.

import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { EncryptionKey, S2, S2Environment } from "../src/index.node.js";
import { Redacted, reveal } from "../src/input/redacted.js";
import { failureOf, peer, stream } from "./harness/client.js";

afterEach(() => vi.unstubAllEnvs());

describe("secrets", () => {
  it("show a placeholder however they are printed, and cannot be made to talk (10)", () => {
    const secret = new Redacted("hunter2");
    for (const text of [
      String(secret),
      `${String(secret)}`,
      JSON.stringify({ secret }),
      inspect(secret),
    ])
      expect(text).not.toContain("hunter2");
    expect(() => {
      Redacted.prototype.toString = () => "leak";
    }).toThrow(TypeError);
    expect(reveal(secret)).toBe("hunter2");
  });

  it("appear in no inspection of a client or a stream handle", () => {
    const s2 = new S2({ accessToken: "top-secret" });
    const handle = s2
      .basin("test-basin")
      .stream("s", { encryptionKey: new Uint8Array(32).fill(7) });
    const text = inspect([s2, handle], { depth: 20, showHidden: true });
    expect(text).not.toContain("top-secret");
    expect(text).not.toContain("BwcHBwcH");
  });

  it("do not appear in errors", async () => {
    const server = await peer();
    server.always((exchange) => exchange.cutConnection());
    const key = Buffer.alloc(32, 9).toString("base64");
    const failure = await failureOf(
      stream(server.url, { accessToken: "top-secret" }).withEncryptionKey(key).read(),
    );
    expect(inspect(failure, { depth: 20 })).not.toMatch(/top-secret|CQkJCQ/);
  });

  it("travel as headers on appends and reads, and not on checkTail", async () => {
    const server = await peer();
    server.always((exchange) => exchange.json(200, { tail: { seq_num: 0, timestamp: 0 } }));
    const handle = stream(server.url).withEncryptionKey(new Uint8Array(32));
    await handle.checkTail();
    await failureOf(handle.read());
    const sent = server.requests.map(({ headers }) => headers["s2-encryption-key"]);
    expect(sent).toEqual([undefined, Buffer.alloc(32).toString("base64")]);
  });

  it.each([
    ["", 0],
    ["x".repeat(45), 45],
  ])("refuse a key of %j", (key) => {
    expect(() => EncryptionKey.from(key)).toThrow("encryption key must be 1 to 44");
  });
});

describe("the environment", () => {
  it("gives options, and counts empty values as unset", () => {
    vi.stubEnv("S2_ACCESS_TOKEN", "token");
    vi.stubEnv("S2_ACCOUNT_ENDPOINT", "");
    vi.stubEnv("S2_BASIN_ENDPOINT", "localhost:1");
    expect(S2Environment.parse()).toEqual({
      accessToken: "token",
      endpoints: { account: undefined, basin: "localhost:1" },
    });
  });

  it("does not throw where there is no process (H-12)", () => {
    vi.stubGlobal("process", undefined);
    try {
      expect(S2Environment.parse()).toEqual({});
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe("options", () => {
  it.each([
    { retry: { maxAttempts: 0 } },
    { retry: { maxAttempts: 1.5 } },
    { retry: { minBaseDelayMillis: 5, maxBaseDelayMillis: 1 } },
    { requestTimeoutMillis: Number.NaN },
    { connectionTimeoutMillis: -1 },
    { http2: { initialStreamWindowSize: 10 } },
    { http2: { connectionWindowSize: 2 ** 31 } },
    { readLivenessMillis: 100 },
    { accessToken: "" },
    { accessToken: "two words" },
  ])("out of range are refused: %j (24)", (options) => {
    expect(() => new S2({ accessToken: "t", ...options })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error,
    );
  });

  it("are copied, so that later changes do not matter", async () => {
    const retry = { maxAttempts: 1, minBaseDelayMillis: 1 };
    const server = await peer();
    server.always((exchange) => exchange.respond(503));
    const handle = stream(server.url, { retry });
    retry.maxAttempts = 50;
    expect(await failureOf(handle.checkTail())).toMatchObject({ attempts: 1 });
  });

  it.each(["Test-Basin", "short", "-leading-hyphen", "x".repeat(49)])(
    "refuse the basin name %j before any request",
    (name) => {
      expect(() => new S2({ accessToken: "t" }).basin(name)).toThrow("basin");
    },
  );

  it("measure stream names in bytes, not characters (74)", () => {
    const basin = new S2({ accessToken: "t" }).basin("test-basin");
    expect(basin.stream("é".repeat(256)).name).toHaveLength(256);
    expect(() => basin.stream("é".repeat(257))).toThrow("512 bytes");
  });
});
