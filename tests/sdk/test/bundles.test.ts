// What a browser gets: no Node built-in is reachable, nothing else is pulled in, and the size stays within
// its budget.

import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

// The budget is 25 kB; counted in KiB here, so that a few bytes more in core break nobody else's work.
const KB = 1024;

async function bundle(
  contents: string,
): Promise<{ gzipped: number; text: string; inputs: string[] }> {
  const result = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    // What a page loads at once; what it asks for later is another file.
    splitting: true,
    outdir: "out",
    target: "es2022",
    logLevel: "silent",
  });
  expect(result.warnings).toEqual([]);
  const late = /(websocket|account-managers|read-sse-wire)-[^/]*\.js$/;
  const text = result.outputFiles
    .filter(({ path }) => !late.test(path))
    .map((file) => file.text)
    .join("\n");
  return {
    gzipped: gzipSync(text, { level: 9 }).length,
    text,
    inputs: Object.keys(result.metafile.inputs),
  };
}

describe("a browser bundle", () => {
  it("of the client needs no Node built-in and at most 25 kB at once (4, 5)", async () => {
    const { gzipped, text, inputs } = await bundle(`export * from "@s2kit/client";`);
    expect(text).not.toMatch(/node:|require\(|\bprocess\.|\bBuffer\b/);
    expect(inputs.filter((input) => !/packages\/(client|core)\/dist|stdin/.test(input))).toEqual(
      [],
    );
    console.log(`client, everything: ${gzipped} bytes min+gzip`);
    expect(gzipped).toBeLessThanOrEqual(25 * KB);
  });

  it("of the producer, without the client, takes at most 6 kB", async () => {
    const { gzipped } = await bundle(`export * from "@s2kit/producer";`);
    console.log(`producer, everything: ${gzipped} bytes min+gzip`);
    expect(gzipped).toBeLessThanOrEqual(6 * KB);
  });
});
