// The benchmark runs as its README says; its figures are not judged here.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("prints all figures beside those of the other codecs", { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [fileURLToPath(new URL("../bench/codec.bench.mjs", import.meta.url))],
    { env: { ...process.env, BENCH_ROUND_MS: "1" } },
  );

  for (const row of ["encode AppendInput", "decode ReadBatch", "scan", "transcode"])
    expect(stdout.split(row).length).toBeGreaterThan(3);
});
