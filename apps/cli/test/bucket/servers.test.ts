// `lite --bucket`: what it acknowledged is in the bucket, whatever becomes of the process and of its
// files. Real processes, real sockets.

import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { setTimeout as pass } from "node:timers/promises";
import { BucketProcess } from "@s2kit/bucket";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { call, LiteProcess, NumberedRecords } from "../harness/bucket.js";
import { Cli, linesOf } from "../harness/cli.js";

/** Servers find out soon that another one is gone; a busy machine still renews in time. */
const LEASE = ["--bucket-lease", "2s"];
/** More of them on demand. */
const LIVES = Number(process.env.S2KIT_BUCKET_LIVES ?? 3);
/** Supervisors kill after it, ms. */
const SUPERVISOR_MS = 10_000;

let cli: Cli;
let bucket: BucketProcess;
const running: LiteProcess[] = [];

beforeEach(async () => {
  cli = Cli.withoutServer();
  bucket = await BucketProcess.start();
});
afterEach(async () => {
  for (const each of running.splice(0)) {
    each.signal("SIGKILL");
    await each.ended;
  }
  bucket.stop();
  await cli.close();
});

function lite(...args: readonly string[]): LiteProcess {
  const env = { ...cli.env, ...bucket.env };
  const started = new LiteProcess(["--bucket", "bucket", "--path", "p", ...LEASE, ...args], env);
  running.push(started);
  return started;
}

describe("lite --bucket", { timeout: 60_000 }, () => {
  it("serves the tour, ends with 0 on SIGTERM, and has all of it at its next start", async () => {
    const first = lite();
    const env = { S2_ENDPOINT: await first.url };
    await cli.okRun(["create-basin", "tour-basin"], { env });
    await cli.okRun(["create-stream", "s2://tour-basin/hello"], { env });
    await cli.okRun(["append", "s2://tour-basin/hello"], { env, input: "one\ntwo\nthree\n" });
    const read = ["read", "s2://tour-basin/hello", "-s", "0", "-n", "3"];
    expect((await cli.okRun(read, { env })).stdout).toBe("one\ntwo\nthree\n");
    await cli.okRun(["fence", "s2://tour-basin/hello", "a-token"], { env });
    await cli.okRun(["trim", "s2://tour-basin/hello", "1", "-f", "a-token"], { env });
    first.signal("SIGTERM");
    expect((await first.ended).code).toBe(0);
    const again = { S2_ENDPOINT: await lite().url };
    expect((await cli.okRun(["ls"], { env: again })).stdout).toContain("tour-basin");
    const tail = await cli.okRun(["tail", "s2://tour-basin/hello", "-n", "4"], { env: again });
    expect(linesOf(tail.stdout).slice(0, 2)).toEqual(["two", "three"]);
    const refused = await cli.run(["append", "s2://tour-basin/hello", "-f", "other"], {
      env: again,
      input: "x\n",
    });
    expect(refused.code).not.toBe(0);
  });

  it("loses nothing by kill -9 and the loss of its scratch directory", {
    timeout: 60_000 + LIVES * 10_000,
  }, async () => {
    const records = new NumberedRecords();
    const scratch = cli.path("scratch");
    for (let life = 0; life < LIVES; life++) {
      mkdirSync(scratch, { recursive: true });
      const server = lite("--bucket-scratch", scratch);
      const url = await server.url;
      if (life === 0) await records.create(url);
      expect(await records.lost(url)).toEqual([]);
      const appending = records.appendUntilFailure(url);
      await pass(500);
      server.signal("SIGKILL");
      await Promise.all([server.ended, appending]);
      expect(readdirSync(scratch)).not.toEqual([]);
      rmSync(scratch, { recursive: true });
      expect(existsSync(scratch)).toBe(false);
    }
    mkdirSync(scratch);
    expect(await records.lost(await lite("--bucket-scratch", scratch).url)).toEqual([]);
    expect(records.acked.length).toBeGreaterThan(10 * LIVES);
  });

  it("hands over from one that stands still, which answers nothing old when it wakes", async () => {
    const first = lite("--bucket-node", "first");
    const url = await first.url;
    const records = new NumberedRecords();
    await records.create(url);
    for (let each = 0; each < 5; each++) await records.append(url);
    const second = lite("--bucket-node", "second");
    // It waits as long as the first one lives.
    await pass(3000);
    await records.append(url);
    first.signal("SIGSTOP");
    const other = await second.url;
    expect(await records.lost(other)).toEqual([]);
    await records.append(other);
    first.signal("SIGCONT");
    const stale = call(url, "GET", "/streams/s/records/tail").then(
      ({ status }) => status,
      () => "gone",
    );
    expect([503, "gone"]).toContain(await stale);
    const { code, stderr } = await first.ended;
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("another process took the shard over"),
    ]);
    expect(records.acked).toHaveLength(7);
    expect(await records.lost(other)).toEqual([]);
    second.signal("SIGTERM");
    const { stderr: log } = await second.ended;
    expect(log).toContain("waiting until the server that has the bucket is gone or silent");
    expect(log).toContain("first.");
  });

  it("ends in time when it is stopped in an outage, and says that not all was taken", async () => {
    const server = lite();
    const url = await server.url;
    const records = new NumberedRecords();
    await records.create(url);
    await records.append(url);
    await bucket.plan({ kind: "refused", status: 503 });
    const open = records.append(url).catch(() => false);
    await pass(300);
    const sinceMs = performance.now();
    server.signal("SIGTERM");
    const { code, stderr } = await server.ended;
    expect(performance.now() - sinceMs).toBeLessThan(SUPERVISOR_MS);
    expect([code, stderr]).toEqual([1, expect.stringContaining("before the bucket took")]);
    expect(await open).toBe(false);
    await bucket.plan(null);
    expect(await records.lost(await lite().url)).toEqual([]);
  });

  it("ends at once when it is stopped while it waits for another one", async () => {
    const first = lite();
    await first.url;
    const second = lite();
    await pass(2000);
    const sinceMs = performance.now();
    second.signal("SIGTERM");
    expect((await second.ended).code).toBe(130);
    expect(performance.now() - sinceMs).toBeLessThan(3000);
    expect((await call(await first.url, "GET", "/basins")).status).toBe(200);
  });
});

it("lite inspect and lite verify look into a bucket, also while a server has it", {
  timeout: 60_000,
}, async () => {
  const place = ["--bucket", "bucket", "--path", "/p/"];
  const env = bucket.env;
  const none = await cli.run(["lite", "verify", ...place], { env });
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("there is no store")]);
  const server = lite("--bucket-node", "owner");
  const url = await server.url;
  const records = new NumberedRecords();
  await records.create(url);
  for (let each = 0; each < 5; each++) await records.append(url);
  const inspect = async (): Promise<Record<string, unknown>> => {
    const { stdout } = await cli.okRun(["lite", "inspect", ...place, "--json"], { env });
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  expect(await inspect()).toMatchObject({
    streams: 1,
    records: 5,
    manifest: { top: 1, opened: 1, owners: [expect.stringMatching(/^owner\./)] },
    leases: [{ state: "up" }],
    objects: { cluster: { objects: 1 }, lease: { objects: 1 }, manifest: { objects: 2 } },
  });
  // The look left nothing behind, and the server goes on.
  expect(await records.append(url)).toBe(true);
  server.signal("SIGTERM");
  await server.ended;
  const verified = await cli.okRun(["lite", "verify", ...place], { env });
  expect(verified.stderr).toMatch(/s3:\/\/bucket\/p is sound: 1 stream, 6 records/);
  expect(await inspect()).toMatchObject({ records: 6, manifest: { owners: [] }, leases: [] });
  const both = await cli.run(["lite", "verify", cli.path("d"), ...place], { env });
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("name one of them")]);
});

describe("lite --bucket refuses", { timeout: 30_000 }, () => {
  it("a store that does not keep put-if-absent, in a sentence", async () => {
    const lying = await BucketProcess.start({ conditions: "ignored" });
    const args = ["lite", "--port", "0", "--bucket", "bucket"];
    const result = await cli.run(args, { env: lying.env });
    lying.stop();
    expect([result.code, result.stdout]).toEqual([1, ""]);
    expect(result.stderr).toContain("this bucket cannot hold a store: a second conditional PUT");
    expect(result.stderr).not.toContain("secret/of+the=double");
  });

  it.each([
    ["a directory beside the bucket", ["--bucket", "b", "--local-root", "d"], /--local-root/],
    ["a prefix without a bucket", ["--path", "p"], /--local-root DIR/],
    ["settings of a bucket without one", ["--bucket-lease", "5s"], /add --bucket NAME/],
    ["a lease that is no time", ["--bucket", "b", "--bucket-lease", "1ms"], /1s to 60s/],
    ["a log in another bucket", ["--bucket", "b", "--wal-bucket", "w"], /the log is where/],
    ["a bucket that is no name", ["--bucket", "a/b"], /not the name of a bucket/],
    ["an endpoint that is none", ["--bucket", "bbb", "--bucket-endpoint", "x"], /not a URL/],
  ])("%s", async (_, args, says) => {
    const result = await cli.run(["lite", "--port", "0", ...args], { env: bucket.env });
    expect(result.code).not.toBe(0);
    expect(result.stdout).toBe("");
    expect(result.stderr).toMatch(says);
  });
});
