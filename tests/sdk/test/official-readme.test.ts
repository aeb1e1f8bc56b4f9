// The snippets that the official package shows run through the official face as they are: nothing but the
// name of the package is replaced.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as official from "@s2-dev/streamstore";
import * as face from "@s2kit/producer/streamstore";
import { build } from "esbuild";
import { afterEach, describe, expect, it, vi } from "vitest";
import { BASIN, startServer } from "./harness/server.js";

const README = readFileSync(
  new URL("../node_modules/@s2-dev/streamstore/README.md", import.meta.url),
  "utf8",
);
const SNIPPETS = [...README.matchAll(/```ts\n([\s\S]*?)\n```/g)].map(([, code = ""]) => code);

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("the official package", () => {
  it("exports no value that the face lacks, but the namespace of wire types", () => {
    expect(Object.keys(official).filter((name) => !(name in face))).toEqual(["API"]);
  });

  it("shows a snippet", () => {
    expect(SNIPPETS.length).toBeGreaterThan(0);
  });

  it.each(SNIPPETS)("shows what runs: %#", async (code) => {
    const { url } = await startServer();
    for (const [name, value] of Object.entries({
      S2_ACCESS_TOKEN: "any",
      S2_ACCOUNT_ENDPOINT: url,
      S2_BASIN_ENDPOINT: url,
      S2_BASIN: BASIN,
      S2_STREAM: "from-the-readme",
    }))
      vi.stubEnv(name, value);
    const shown = [vi.spyOn(console, "log"), vi.spyOn(console, "dir")];
    for (const spy of shown) spy.mockReturnValue(undefined);
    // Beside this file, so that the packages it names are found.
    const directory = mkdtempSync(join(import.meta.dirname, ".snippet-"));
    try {
      const outfile = join(directory, "snippet.mjs");
      await build({
        stdin: { contents: code, loader: "ts", resolveDir: import.meta.dirname },
        alias: { "@s2-dev/streamstore": "@s2kit/producer/streamstore" },
        bundle: true,
        platform: "node",
        format: "esm",
        external: ["@s2kit/*"],
        outfile,
      });
      await import(/* @vite-ignore */ pathToFileURL(outfile).href);
    } finally {
      rmSync(directory, { recursive: true });
    }
    expect(shown.some((spy) => spy.mock.calls.length > 0)).toBe(true);
  });
});
