// What the built package costs in a bundle: minified and gzipped, and only what is used. `pnpm size`
// prints the figures. Budgets are ratchets: lower them when something shrinks, explain a rise.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

type Face = "control" | "declarative" | "index" | "server" | "sse";

async function bundled(face: Face, exported: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export ${exported} from "../dist/${face}.js"`,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2023",
    write: false,
  });
  return outputFiles[0]?.contents ?? expect.fail("nothing was bundled");
}

async function gzippedBytes(face: Face, exported: string): Promise<number> {
  const { length } = gzipSync(await bundled(face, exported), { level: 9 });
  if (process.env.PRINT_SIZES !== undefined)
    process.stdout.write(`${String(length).padStart(6)} bytes  ${face} ${exported}\n`);
  return length;
}

describe("the size of core, minified and gzipped", () => {
  it.each([
    ["index", 14_900],
    ["control", 8250],
    // With the status of bodies of telemetry that are too long, a few bytes in every face with errors.
    ["declarative", 2650],
    // With the decoder of JSON appends, 3 kB, and the knife for telemetry, 2.5 kB: only servers load
    // them (docs/decisions/0054, 0140).
    ["server", 12_900],
  ] as const)("is bounded for the whole face %s: %d bytes", async (face, maxBytes) => {
    expect(await gzippedBytes(face, "*")).toBeLessThanOrEqual(maxBytes);
  });

  it.each([
    ["index", "ok", 250],
    ["index", "meteredBytes", 300],
    ["index", "utf8ByteLength", 350],
    ["control", "effectiveOperations", 850],
    ["index", "encodeAppendInput", 950],
    ["declarative", "parseDurationMs", 700],
    ["index", "S2Error", 1700],
    ["index", "createFrameDecoder", 2700],
    ["sse", "createSseParser", 2800],
    ["index", "decodeReadBatch", 3100],
    ["server", "scanAppendInput", 5200],
  ] as const)("is only what is used: %s %s: %d bytes", async (face, name, maxBytes) => {
    expect(await gzippedBytes(face, `{ ${name} }`)).toBeLessThanOrEqual(maxBytes);
  });
});

describe("a bundle", () => {
  it("leaves the rooms behind that it does not use", async () => {
    const text = new TextDecoder().decode(await bundled("sse", "{ createSseParser }"));

    for (const foreign of ["/v1/basins", "retention_policy", "fence"])
      expect(text).not.toContain(foreign);
  });
});
