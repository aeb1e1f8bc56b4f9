// What `lite` wants to be told by servers that share a store: all of it, or it does not start.

import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Cli } from "../harness/cli.js";

let cli: Cli;
beforeEach(() => {
  cli = Cli.withoutServer();
});
afterEach(async () => {
  await cli.close();
});

const AT = ["--advertise", "http://127.0.0.1:9"];
const BUCKET = ["--bucket", "none", "--bucket-endpoint", "http://127.0.0.1:1"];

it("refuses what does not belong together, before anything is opened, and shows no secret", async () => {
  const secret = cli.path("secret");
  writeFileSync(secret, "too-short\n");
  const refused: readonly [string, readonly string[]][] = [
    ["add --advertise", ["--node-id", "a", ...BUCKET]],
    ["add --bucket", AT],
    ["--cluster-secret-file FILE", [...AT, ...BUCKET]],
    ["cannot read the secret", [...AT, ...BUCKET, "--cluster-secret-file", cli.path("no-file")]],
    [
      "expected HOST:PORT",
      [...AT, ...BUCKET, "--cluster-secret-file", secret, "--cluster-listen", "x"],
    ],
    ["at least 16", [...AT, ...BUCKET, "--cluster-secret-file", secret]],
  ];
  for (const [text, args] of refused) {
    const { code, stderr } = await cli.run(["lite", "--port", "0", ...args]);
    expect([text, code]).toEqual([text, 2]);
    expect(stderr).toContain(text);
    expect(stderr).not.toContain("too-short");
  }
});
