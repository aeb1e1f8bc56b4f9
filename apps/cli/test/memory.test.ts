// Acceptance section D: memory does not grow with what passes through. Each command gets a heap that
// could not hold a fraction of its input; figures are printed by `pnpm bench:acceptance`.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Cli } from "./harness/cli.js";

const RECORDS = 600_000;
const FILE_BYTES: number = 192 * 1024 * 1024;

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.withServer({ storage: { kind: "memory" } });
  await cli.ok("create-basin", "memory-basin");
});

afterAll(async () => {
  await cli.close();
});

const withHeap = (mib: number): { env: Record<string, string> } => ({
  env: { NODE_OPTIONS: `--max-old-space-size=${mib}` },
});

it("D: follows 600 000 records with tail -f in a heap of 96 MiB", async () => {
  const uri = "s2://memory-basin/followed";
  await cli.ok("create-stream", uri);
  await cli.okRun(["append", uri, "--quiet"], { input: "first\n" });
  let lines = 0;
  let isInterrupted = false;
  let onFirst = (): void => {};
  const isFollowing = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  // So many decoded records would take twice that heap; what is read ahead is 4 MiB of
  // frames. One record less would wait for ever: the test's own limit ends it.
  const following = cli.run(["tail", "-f", uri], {
    ...withHeap(96),
    keepsOutput: false,
    onChunk(chunk, child) {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
      onFirst();
      if (lines <= RECORDS || isInterrupted) return;
      isInterrupted = true;
      child.kill("SIGINT");
    },
  });
  const input = Array.from({ length: RECORDS }, (_, i) => `record ${i}\n`).join("");
  await isFollowing;
  await cli.okRun(["append", uri, "--quiet"], { input });
  expect((await following).code).toBe(130);
  expect(lines).toBe(RECORDS + 1);
});

it("D: appends and reads back a file three times as large as its heap", async () => {
  const uri = "s2://memory-basin/file";
  await cli.ok("create-stream", uri);
  const path = cli.path("large.txt");
  const file = createWriteStream(path);
  const hash = createHash("sha256");
  for (let written = 0, i = 0; written < FILE_BYTES; i++) {
    const block = Buffer.from(`${String(i).padStart(8, "0")}${"x".repeat(1015)}\n`.repeat(256));
    hash.update(block);
    written += block.length;
    if (!file.write(block)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
  await cli.okRun(["append", uri, "-i", path, "--quiet"], withHeap(64));
  const tail = await cli.ok("check-tail", uri);
  const back = createHash("sha256");
  await cli.run(["read", uri, "-s", "0", "-n", tail.split(" ")[0] ?? ""], {
    ...withHeap(64),
    keepsOutput: false,
    onChunk: (chunk) => void back.update(chunk),
  });
  expect(back.digest("hex")).toBe(hash.digest("hex"));
});
