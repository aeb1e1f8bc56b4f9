// A server that is started over a bucket which cannot hold its store: it refuses, says what is wrong and
// what to do, and leaves nothing there.

import { afterAll, beforeAll, describe, it as test, vi } from "vitest";
import {
  createServer,
  inspectBucket,
  type StorageSettings,
  verifyBucket,
} from "../../../../src/index.js";
import {
  type BucketDouble,
  type DoubleOptions,
  KEYS,
  startDouble,
} from "../../../support/bucket-double/double.js";
import type { FaultPlan } from "../../../support/bucket-double/faults.js";

type BucketSettings = Partial<Extract<StorageSettings, { kind: "bucket" }>>;

const it = test.extend<{ double: BucketDouble }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest asks for a pattern
  double: async ({}, use) => {
    const double = await startDouble();
    await use(double);
    await double.close();
  },
});

beforeAll(() => {
  for (const name of Object.keys(process.env).filter((each) => each.startsWith("AWS_")))
    vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_ACCESS_KEY_ID", KEYS.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", KEYS.secretAccessKey);
});
afterAll(() => {
  vi.unstubAllEnvs();
});

/** The message with which a server over the bucket refuses to start. */
async function refusal(double: BucketDouble, settings: BucketSettings = {}): Promise<string> {
  const storage = {
    kind: "bucket",
    bucket: "bucket",
    endpoint: double.url,
    leaseMs: 1000,
    ...settings,
  } as const;
  const server = createServer({ port: 0, storage });
  try {
    return await server.open().then(
      () => "it opened",
      (error: unknown) => (error as Error).message,
    );
  } finally {
    await server.close();
  }
}

const refusing =
  (methods: RegExp, status: number, code: string): FaultPlan =>
  ({ method }) =>
    methods.test(method) ? { kind: "refused", status, code } : undefined;

describe.concurrent("a bucket is refused at the start that", { timeout: 30_000 }, () => {
  it("is not there", async ({ double, expect }) => {
    expect(await refusal(double, { bucket: "another" })).toContain(
      "there is no such bucket: make it first, or name another: bucket=another",
    );
  });

  it("is where nobody answers", async ({ double, expect }) => {
    expect(await refusal(double, { endpoint: "http://127.0.0.1:9" })).toContain(
      "the bucket does not answer: is the endpoint right, and reachable from here?",
    );
  });

  it("can only be read", async ({ double, expect }) => {
    double.plan = refusing(/PUT|POST|DELETE/, 403, "AccessDenied");
    const message = await refusal(double);
    expect(message).toContain("may get, put, list and delete");
    expect(message).toContain("AccessDenied");
  });

  it("lets nothing be deleted", async ({ double, expect }) => {
    double.plan = refusing(/POST|DELETE/, 403, "AccessDenied");
    expect(await refusal(double)).toContain("may get, put, list and delete");
  });

  it.for([
    [507, "XMinioStorageFull"],
    [403, "QuotaExceeded"],
  ] as const)("has no room left (%i %s)", async ([status, code], { double, expect }) => {
    double.plan = refusing(/PUT/, status, code);
    const message = await refusal(double);
    expect(message).toContain("the bucket turns requests away: it has no room left");
    expect(message).toContain(code);
  });

  it.for<[string, DoubleOptions]>([
    ["ignores conditions", { conditions: "ignored" }],
    ["looks first and writes then", { conditions: "racy" }],
  ])("%s", async ([, options], { double, expect }) => {
    double.change(options);
    expect(await refusal(double)).toMatch(
      /cannot hold a store: (a second conditional PUT|of 16 racers)/,
    );
    expect([...double.objects.keys()]).toEqual([]);
  });

  it("has another clock", async ({ double, expect }) => {
    double.change({ skewMs: 120_000 });
    expect(await refusal(double)).toMatch(/this machine's clock is 1\d\d s behind the store's/);
    double.change({ skewMs: -3_600_000 });
    expect(await refusal(double)).toContain("the clocks differ");
  });

  it("holds something else under the keys of a store", async ({ double, expect }) => {
    double.objects.set("nodes/x", { bytes: new Uint8Array(1), etag: "x" });
    expect(await refusal(double)).toContain("the bucket has objects but no cluster");
  });
});

it("a bucket that is not there is no store with a problem, for who looks into it", async ({
  double,
  expect,
}) => {
  const place = { bucket: "another", endpoint: double.url };
  const refused = "there is no such bucket: make it first, or name another: bucket=another";
  await expect(verifyBucket(place)).rejects.toThrow(refused);
  await expect(inspectBucket(place)).rejects.toThrow(refused);
});

describe("credentials are refused at the start", { timeout: 30_000 }, () => {
  it("that the bucket denies, without showing them", async ({ double, expect }) => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "not-the-secret");
    const message = await refusal(double);
    expect(message).toContain("the bucket denies these credentials: set AWS_ACCESS_KEY_ID");
    expect(message).toContain("bucket=bucket");
    expect(message).not.toContain("not-the-secret");
  });

  it("that are nowhere, and it says where it looked", async ({ double, expect }) => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    vi.stubEnv("HOME", "/nowhere");
    expect(await refusal(double)).toContain(
      "there are no credentials: looked for in environment, profile, web identity",
    );
  });
});
