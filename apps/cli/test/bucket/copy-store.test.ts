// `lite copy-store`: a directory becomes a store in a bucket and comes back, with all it had, whenever
// the command is killed. Real processes, real sockets, real files.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pass } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { BucketProcess } from "@s2kit/bucket";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LiteProcess } from "../harness/bucket.js";
import { Cli, MAIN } from "../harness/cli.js";

const KEY = Buffer.alloc(32, 7).toString("base64");
const ROOT = "root-token-of-the-copy";
const BUCKET = "s3://bucket/p";
/** A server that died is waited for 1.25 times this. */
const LEASE = ["--bucket-lease", "2s"];
/** In requests to the bucket: the first kill is in its probe, each next one comes later. */
const FIRST_KILL = 40;
const KILL_STEP = 60;

let cli: Cli;
let bucket: BucketProcess;
const running: LiteProcess[] = [];
const copies: ChildProcess[] = [];

beforeEach(async () => {
  cli = Cli.withoutServer();
  bucket = await BucketProcess.start();
});
afterEach(async () => {
  for (const each of running.splice(0)) {
    each.signal("SIGKILL");
    await each.ended;
  }
  for (const each of copies.splice(0)) each.kill("SIGKILL");
  bucket.stop();
  await cli.close();
});

function lite(...args: readonly string[]): LiteProcess {
  const started = new LiteProcess([...args, "--root-token", ROOT], { ...cli.env, ...bucket.env });
  running.push(started);
  return started;
}

const inBucket = ["--bucket", "bucket", "--path", "p", ...LEASE];
const onDisk = (name: string): string[] => ["--local-root", cli.path(name)];

async function stop(server: LiteProcess): Promise<void> {
  server.signal("SIGTERM");
  const { code, stderr } = await server.ended;
  if (code !== 0) throw new Error(`ended ${code}: ${stderr}`);
}

/** A store with one of everything that a client can make. */
async function fill(server: LiteProcess): Promise<void> {
  const env = { S2_ENDPOINT: await server.url, S2_ACCESS_TOKEN: ROOT };
  const run = (args: string[], input?: string) =>
    cli.okRun(args, { env, ...(input === undefined ? {} : { input }) });
  await run(["create-basin", "copy-basin", "--retention-policy", "8d"]);
  for (const stream of ["plain", "trimmed", "empty", "gone"])
    await run(["create-stream", `s2://copy-basin/${stream}`]);
  await run(["create-basin", "sealed-basin", "--stream-cipher", "aegis-256"]);
  await run(["create-stream", "s2://sealed-basin/sealed"]);
  const seal = ["append", "s2://sealed-basin/sealed", "--encryption-key", KEY];
  await run(seal, "secret one\nsecret two\n");
  const lines = Array.from({ length: 3000 }, (_, at) => `line ${at} ${"x".repeat(at % 700)}`);
  await run(["append", "s2://copy-basin/plain"], lines.join("\n"));
  await run(["append", "s2://copy-basin/trimmed"], "a\nb\nc\nd\n");
  await run(["fence", "s2://copy-basin/trimmed", "a-token"]);
  await run(["trim", "s2://copy-basin/trimmed", "2", "-f", "a-token"]);
  await run(["delete-stream", "s2://copy-basin/gone"]);
  await run(["issue-access-token", "reader", "--basins-prefix", "", "--ops", "read,check-tail"]);
}

/** What clients see of it, as text. */
async function seen(server: LiteProcess): Promise<string> {
  const env = { S2_ENDPOINT: await server.url, S2_ACCESS_TOKEN: ROOT };
  const texts: string[] = [];
  for (const args of [
    ["list-basins", "--json"],
    ["list-streams", "copy-basin", "--json"],
    ["list-access-tokens", "--json"],
    ["get-basin-config", "copy-basin"],
    ["get-stream-config", "s2://copy-basin/plain"],
    ["check-tail", "s2://copy-basin/trimmed", "--json"],
    ["read", "s2://copy-basin/plain", "-s", "0", "-n", "3000", "--format", "json"],
    ["read", "s2://copy-basin/trimmed", "-s", "2", "-n", "4", "--format", "json"],
    ["read", "s2://sealed-basin/sealed", "-s", "0", "-n", "2", "--encryption-key", KEY],
    ["check-tail", "s2://copy-basin/empty", "--json"],
  ]) {
    const { stdout } = await cli.okRun(args, { env });
    // What is deleted is purged by whoever has the store, sooner or later.
    const kept = stdout.split("\n").filter((line) => !line.includes('"deleted_at"'));
    texts.push(`${args.join(" ")}\n${kept.join("\n")}`);
  }
  const fenced = ["append", "s2://copy-basin/trimmed", "-f", "other"];
  texts.push((await cli.run(fenced, { env, input: "x\n" })).stderr.replace(/http\S+/g, ""));
  return texts.join("\n");
}

/** Runs the command again and again, killed later each time, until it ends by itself. */
async function copyOverKills(from: string, to: string): Promise<{ kills: number; out: string }> {
  const args = [MAIN, "lite", "copy-store", from, to, ...LEASE, "--json"];
  for (let kills = 0; ; kills++) {
    const child = spawn(process.execPath, args, {
      env: { ...cli.env, ...bucket.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    copies.push(child);
    await bucket.killAt(child.pid as number, FIRST_KILL + kills * KILL_STEP);
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => {
      out += String(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      err += String(chunk);
    });
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    if (code === 0) return { kills, out };
    if (code !== null) throw new Error(`ended ${code} after ${kills} kills: ${err}`);
  }
}

const copyStore = (from: string, to: string, ...more: string[]) =>
  cli.run(["lite", "copy-store", from, to, ...LEASE, ...more], { env: bucket.env });

describe("lite copy-store", { timeout: 300_000 }, () => {
  it("brings a store into a bucket and back, whenever it is killed", async () => {
    const first = lite(...onDisk("data"));
    await fill(first);
    const before = await seen(first);
    await stop(first);
    const there = await copyOverKills(cli.path("data"), BUCKET);
    expect(there.kills).toBeGreaterThan(1);
    expect(JSON.parse(there.out)).toMatchObject({
      from: cli.path("data"),
      to: BUCKET,
      verified: true,
    });
    const back = await copyOverKills(BUCKET, cli.path("back"));
    expect(back.kills).toBeGreaterThan(0);
    expect(JSON.parse(back.out)).toMatchObject({ verified: true, streams: expect.any(Number) });
    await bucket.plan(null);
    for (const place of [[cli.path("back")], ["--bucket", "bucket", "--path", "p"]])
      expect((await cli.okRun(["lite", "verify", ...place], { env: bucket.env })).stderr).toMatch(
        /is sound/,
      );
    for (const args of [inBucket, onDisk("back")]) {
      const server = lite(...args);
      expect(await seen(server)).toBe(before);
      await stop(server);
    }
  });

  it("refuses what it must not touch, in a sentence, and no server opens half a copy", async () => {
    const disk = lite(...onDisk("data"));
    await fill(disk);
    const used = await copyStore(cli.path("data"), BUCKET);
    expect([used.code, used.stderr]).toEqual([1, expect.stringContaining("stop it first")]);
    await stop(disk);
    const missing = await copyStore(cli.path("nothing"), BUCKET);
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringContaining("no store to copy"),
    ]);
    const none = await copyStore("s3://bucket/none", cli.path("new"));
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("no store to copy")]);
    const same = await copyStore(cli.path("data"), `${cli.path("data")}/.`);
    expect([same.code, same.stderr]).toEqual([2, expect.stringContaining("the same place")]);

    const server = lite(...inBucket);
    await server.url;
    const served = await copyStore(cli.path("data"), BUCKET);
    expect([served.code, served.stderr]).toEqual([
      1,
      expect.stringContaining("a server uses this store: stop it first place=s3://bucket/p"),
    ]);
    await stop(server);
    const full = await copyStore(cli.path("data"), BUCKET);
    expect([full.code, full.stderr]).toEqual([
      1,
      expect.stringContaining("the target has another store already"),
    ]);

    mkdirSync(cli.path("old"));
    writeFileSync(cli.path("old/FORMAT"), oldFormat());
    const old = await copyStore(cli.path("old"), BUCKET);
    expect([old.code, old.stderr]).toEqual([1, expect.stringContaining("has an older format")]);

    await bucket.plan({ kind: "slow", effectMs: 30, answerMs: 60 });
    const half = spawn(
      process.execPath,
      [MAIN, "lite", "copy-store", cli.path("data"), "s3://bucket/half", ...LEASE],
      { env: { ...cli.env, ...bucket.env }, stdio: "ignore" },
    );
    copies.push(half);
    const ended = new Promise((resolve) => half.on("close", resolve));
    await untilMarked("half");
    half.kill("SIGKILL");
    await ended;
    await bucket.plan(null);
    const refused = await cli.run(
      ["lite", "--port", "0", "--bucket", "bucket", "--path", "half", ...LEASE],
      { env: bucket.env },
    );
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining("a copy that was not finished: run the same"),
    ]);
    rmSync(cli.path("data"), { recursive: true });
  });
});

/** What a version of format 1 wrote. */
function oldFormat(): string {
  const line = "s2kit store format=1 key=7";
  return `${line} check=${crc32(line)}\n`;
}

/** The copy has begun: its mark is there, and hardly more. */
async function untilMarked(prefix: string): Promise<void> {
  const args = ["lite", "inspect", "--bucket", "bucket", "--path", prefix, "--json"];
  for (;;) {
    const { code, stdout } = await cli.run(args, { env: bucket.env });
    if (code === 0 && (JSON.parse(stdout) as { metadataEntries: number }).metadataEntries > 0)
      return;
    await pass(50);
  }
}
