// What each example says is true: two counters lose no update, a leader that was replaced writes nothing, tenants do
// not meet, a copy is alike whenever it was stopped, a log is followed across restarts.

import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type S2Server } from "@s2kit/server-lite";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startProgram } from "./harness/program.js";

let server: S2Server;
let env: Record<string, string>;
let directory: string;

beforeAll(async () => {
  server = createServer({ port: 0, rootToken: "root-token-of-examples" });
  const { url } = await server.listen();
  env = { S2_ENDPOINT: url, S2_ACCESS_TOKEN: "root-token-of-examples" };
  directory = await mkdtemp(join(tmpdir(), "s2kit-examples-"));
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

const run = (folder: string, args: readonly string[], input?: string): Promise<string> =>
  startProgram(folder, args, env, input).ended;

it("counter: two that add at the same time lose no update and never pass the limit", async () => {
  expect(await run("counter", ["counter.ts"])).toBe(
    "15 of 20 additions fitted; the counter says 15\n",
  );
  expect(await run("counter", ["counter.ts"])).toBe(
    "0 of 20 additions fitted; the counter says 15\n",
  );
});

it("leader-election: who was replaced writes nothing more", async () => {
  expect(await run("leader-election", ["leader.ts"])).toBe(
    [
      "old leads and writes: true",
      "old writes again: false",
      "young leads and writes: true",
      "0 a new leader",
      "1 job 1 is mine",
      "2 a new leader",
      "3 job 2 is mine",
      "",
    ].join("\n"),
  );
});

it("tenants: each sees its own streams, under its own names, and nothing else", async () => {
  const output = await run("tenants", ["tenants.ts"]);
  for (const tenant of ["acme", "globex"]) {
    const lines = output.split("\n").filter((line) => line.startsWith(tenant));
    expect(lines).toEqual([
      `${tenant} [ 'an order of ${tenant}' ]`,
      `${tenant} sees orders`,
      `${tenant} creates a basin: permission_denied`,
    ]);
  }
});

it("file-replication: the copy is alike, also when file and copy were cut and grew between runs", async () => {
  const file = join(directory, "data.log");
  const copy = join(directory, "copy.log");
  const bytes = (length: number, seed: number): Buffer =>
    Buffer.from(Array.from({ length }, (_, index) => (index * seed) % 251));
  await writeFile(file, bytes(600_001, 7));
  await run("file-replication", ["send.ts", file, "--once"]);
  await run("file-replication", ["receive.ts", copy, "--once"]);
  expect(await readFile(copy)).toEqual(await readFile(file));
  await appendFile(file, bytes(300_000, 11));
  await truncate(copy, 400_123);
  await run("file-replication", ["send.ts", file, "--once"]);
  await run("file-replication", ["receive.ts", copy, "--once"]);
  expect(await readFile(copy)).toEqual(await readFile(file));
});

it("log-tail: shows the last lines, then what comes, and goes on where it was stopped", async () => {
  const checkpoint = join(directory, "checkpoint.json");
  const lines = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, index) => `${from + index}\tline ${from + index}`);
  const written = (from: number, to: number): string =>
    lines(from, to)
      .map((line) => `${line.split("\t")[1]}\n`)
      .join("");
  expect(await run("log-tail", ["write.ts"], written(0, 25))).toBe("25 lines written\n");

  const first = startProgram("log-tail", ["follow.ts", checkpoint], env);
  await vi.waitFor(() => expect(first.stdout()).toContain("line 24"), { timeout: 15_000 });
  await run("log-tail", ["write.ts"], written(25, 30));
  await vi.waitFor(() => expect(first.stdout()).toContain("line 29"), { timeout: 15_000 });
  first.child.kill("SIGTERM");
  expect((await first.ended).trimEnd().split("\n")).toEqual(lines(15, 30));

  await run("log-tail", ["write.ts"], written(30, 33));
  const second = startProgram("log-tail", ["follow.ts", checkpoint], env);
  await vi.waitFor(() => expect(second.stdout()).toContain("line 32"), { timeout: 15_000 });
  second.child.kill("SIGTERM");
  expect((await second.ended).trimEnd().split("\n")).toEqual(lines(30, 33));
});

it("yjs: copies that were edited apart are alike, and what was written offline is in both", async () => {
  expect(await run("yjs", ["first.ts"])).toMatch(/^(hello, both of you|both of youhello, )\n$/);
  const [mine, yours] = [join(directory, "mine.bin"), join(directory, "yours.bin")];
  expect(await run("yjs", ["notes.ts", mine, "add", "buy milk"])).toBe("- buy milk\n");
  const offline = await run("yjs", ["notes.ts", yours, "add", "call Ann", "--offline"]);
  expect(offline).toBe("- call Ann\n");
  const all = await run("yjs", ["notes.ts", yours, "show"]);
  expect(all.split("\n").toSorted()).toEqual(["", "- buy milk", "- call Ann"]);
  expect(await run("yjs", ["notes.ts", mine, "show"])).toBe(all);
});

it("vitest-server: the tests of the application pass", async () => {
  const output = await run("vitest-server", ["node_modules/vitest/vitest.mjs", "run"]);
  expect(output).toMatch(/Tests +2 passed/);
});
