import { encodeBase64, S2Error } from "@s2kit/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryStorage } from "../../src/storage/memory/memory.js";
import { AppendTelemetry } from "../../src/telemetry/append-telemetry.js";
import { Distribution } from "../../src/telemetry/distribution.js";
import { healthOf } from "../../src/telemetry/health.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

describe("a distribution", () => {
  it("counts each value at its bound and all above", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 10, noNaN: true })), (values) => {
        const distribution = new Distribution([1, 2.5, 5]);
        for (const value of values) distribution.observe(value);
        const atMost = (bound: number): number => values.filter((value) => value <= bound).length;
        expect(distribution.cumulative()).toEqual([1, 2.5, 5, Infinity].map(atMost));
        expect(distribution.sum).toBeCloseTo(values.reduce((sum, value) => sum + value, 0));
      }),
    );
  });

  it("has the published bounds", () => {
    const telemetry = new AppendTelemetry();
    telemetry.admitted(5, 1000, 1_048_576);
    telemetry.acked(2501);
    expect(telemetry.permitSeconds.cumulative()[0]).toBe(1);
    expect(telemetry.records.cumulative().slice(-2)).toEqual([1, 1]);
    expect(telemetry.bytes.cumulative().slice(-3)).toEqual([0, 1, 1]);
    expect(telemetry.ackSeconds.cumulative().slice(-2)).toEqual([0, 1]);
  });
});

describe("health", () => {
  it.each([
    ["/health", false, undefined, 200, "OK"],
    ["/ping", false, undefined, 200, "OK"],
    ["/health", true, undefined, 503, "draining"],
    ["/health/ready", true, undefined, 503, "draining"],
    ["/health/live", true, undefined, 200, "OK"],
    ["/health/live", false, "storage is failed", 503, "storage is failed"],
    ["/ping", true, "storage is failed", 503, "storage is failed"],
  ] as const)(
    "of %s, draining %s, unhealthy %s is %d %s",
    (path, isDraining, unhealthy, status, text) => {
      expect(healthOf(path, { isDraining, unhealthy })).toEqual({ status, text });
    },
  );

  it("is no other path's", () => {
    expect(healthOf("/v1/health", { isDraining: false, unhealthy: undefined })).toBeUndefined();
  });
});

describe("a server's pages outside the API", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ auth: true, rootToken: "root-token-of-tests" });
  });
  afterAll(() => server.server.close());

  it("tell health without a token", async () => {
    for (const path of ["/health", "/ping", "/health/live", "/health/ready"])
      expect(await call(server.url, "GET", path)).toMatchObject({ status: 200, text: "OK" });
  });

  it("show the published families, ours and the process's, and no names", async () => {
    const headers = { authorization: "Bearer root-token-of-tests" };
    const basin = "secret-name-of-basin";
    await call(server.url, "PUT", `/v1/basins/${basin}`, { headers });
    await call(server.url, "PUT", "/v1/streams/secret-stream", { headers, basin });
    for (const count of [1, 20])
      await call(server.url, "POST", "/v1/streams/secret-stream/records", {
        headers,
        basin,
        json: { records: Array.from({ length: count }, () => ({ body: "x".repeat(100) })) },
      });
    await call(server.url, "GET", "/v1/streams/secret-stream/records?seq_num=0&count=5", {
      headers,
      basin,
    });
    const page = await call(server.url, "GET", "/metrics");
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const valueOf = (line: string): number | undefined => {
      const found = page.text.split("\n").find((each) => each.startsWith(`${line} `));
      return found === undefined ? undefined : Number(found.split(" ").at(-1));
    };
    expect(valueOf('s2_append_batch_records_bucket{le="1"}')).toBe(1);
    expect(valueOf('s2_append_batch_records_bucket{le="50"}')).toBe(2);
    expect(valueOf('s2_append_batch_records_bucket{le="+Inf"}')).toBe(2);
    expect(valueOf("s2_append_batch_records_sum")).toBe(21);
    expect(valueOf("s2_append_batch_bytes_sum")).toBe(21 * 108);
    expect(valueOf("s2_append_ack_latency_seconds_count")).toBe(2);
    expect(valueOf("s2_append_permit_latency_seconds_count")).toBe(2);
    expect(valueOf("s2kit_append_inflight_bytes")).toBe(0);
    expect(valueOf("s2kit_storage_open")).toBe(1);
    expect(valueOf("s2kit_active_streams")).toBe(1);
    expect(valueOf("s2kit_followers")).toBe(0);
    expect([valueOf("s2kit_read_records_total"), valueOf("s2kit_read_bytes_total")]).toEqual([
      5,
      5 * 108,
    ]);
    expect(valueOf("process_resident_memory_bytes")).toBeGreaterThan(0);
    expect(valueOf("nodejs_eventloop_lag_p99_seconds")).toBeGreaterThanOrEqual(0);
    expect(page.text).not.toContain("secret");
  });

  it("say that the store failed", async () => {
    const storage = createMemoryStorage();
    const broken = await startServer({}, { storage });
    storage.fail(new Error("disk is gone"));
    for (const path of ["/health", "/health/live"])
      expect((await call(broken.url, "GET", path)).status).toBe(503);
    expect((await call(broken.url, "GET", "/metrics")).text).toContain("s2kit_storage_open 0");
    await broken.server.close();
  });
});

describe("the log", () => {
  const SECRETS = {
    authorization: "Bearer secret-token",
    "s2-encryption-key": "secret-key",
    access_token: "secret-issued",
    rootToken: "secret-root-token",
  };

  async function collect(): Promise<{
    lines: string[];
    logger: Awaited<ReturnType<typeof createLogger>>;
  }> {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    return { lines, logger: await createLogger({ destination }) };
  }

  it("takes secrets out, wherever they are", async () => {
    const { lines, logger } = await collect();
    logger.info(SECRETS, "top");
    logger.warn({ headers: SECRETS }, "headers");
    logger.error({ request: { headers: SECRETS } }, "request");
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      expect(line).not.toContain("secret");
      expect(line).toContain("[redacted]");
    }
  });

  it("keeps code and stack of an error", async () => {
    const { lines, logger } = await collect();
    logger.error({ err: new S2Error({ code: "storage", message: "disk full" }) }, "failed");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      msg: "failed",
      err: { code: "storage", message: "[storage] disk full" },
    });
  });

  it("has one line per request, with the id of the token and without any secret", async () => {
    const { lines, logger } = await collect();
    const { server, url } = await startServer(
      { auth: true, rootToken: "secret-root-token" },
      { logger },
    );
    const root = { authorization: "Bearer secret-root-token" };
    const issued = await call(url, "POST", "/v1/access-tokens", {
      headers: root,
      json: {
        id: "reader",
        scope: { op_groups: { basin: { read: true } }, basins: { prefix: "" } },
      },
    });
    const key = encodeBase64(new Uint8Array(32).fill(1));
    await call(url, "GET", "/v1/streams/s/records?secret=query", {
      basin: "some-basin",
      headers: { authorization: `Bearer ${issued.json.access_token}`, "s2-encryption-key": key },
    });
    await call(url, "GET", "/v1/basins");
    await server.close();
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries).toMatchObject([
      { method: "POST", path: "/v1/access-tokens", status: 201 },
      {
        method: "GET",
        path: "/v1/streams/s/records",
        basin: "some-basin",
        tokenId: "reader",
        status: 403,
        code: "permission_denied",
      },
      { path: "/v1/basins", status: 401, code: "authn" },
    ]);
    const text = lines.join("");
    expect(text).not.toContain("secret");
    expect(text).not.toContain(key);
    expect(text).not.toContain(issued.json.access_token);
  });
});
