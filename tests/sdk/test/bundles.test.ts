// What a browser gets: no Node built-in is reachable, nothing else is pulled in, no code comes twice, and the
// size stays within its budget.

import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { describe, expect, it } from "vitest";

// The budget is 25 kB; counted in KiB here, so that a few bytes more in core break nobody else's work.
const KB = 1024;

interface Bundle {
  /** What a page loads at once. */
  readonly gzipped: number;
  readonly text: string;
  /** Every file, also those that it asks for later. */
  readonly texts: readonly string[];
  readonly inputs: readonly string[];
}

async function bundle(contents: string): Promise<Bundle> {
  const result = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    // What it asks for later is another file.
    splitting: true,
    outdir: "out",
    target: "es2022",
    logLevel: "silent",
  });
  expect(result.warnings).toEqual([]);
  const atOnce = filesAtOnce(result.metafile.outputs);
  const text = result.outputFiles
    .filter(({ path }) => atOnce.has(basename(path)))
    .map((file) => file.text)
    .join("\n");
  return {
    gzipped: gzipSync(text, { level: 9 }).length,
    text,
    texts: result.outputFiles.map((file) => file.text),
    inputs: Object.keys(result.metafile.inputs),
  };
}

/** The entry, and all that it imports without asking. */
function filesAtOnce(outputs: Metafile["outputs"]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(basename(name))) return;
    found.add(basename(name));
    for (const { path, kind } of outputs[name]?.imports ?? [])
      if (kind === "import-statement") visit(path);
  };
  for (const [name, { entryPoint }] of Object.entries(outputs))
    if (entryPoint === "<stdin>") visit(name);
  return found;
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

  it("loads account, reading and WebSocket late, none with code that is there already", async () => {
    const { texts, text } = await bundle(`export * from "@s2kit/client";`);
    const late = texts.filter((each) => !text.includes(each));
    expect(late.length).toBeGreaterThanOrEqual(3);
    // Texts that occur once in the sources of core and client.
    for (const once of ["s2kit.error.brands", "connecting took too long"])
      expect(texts.filter((each) => each.includes(once)).length, once).toBe(1);
  });

  it("of the producer, without the client, takes at most 6 kB", async () => {
    const { gzipped } = await bundle(`export * from "@s2kit/producer";`);
    console.log(`producer, everything: ${gzipped} bytes min+gzip`);
    expect(gzipped).toBeLessThanOrEqual(6 * KB);
  });
});
