// What a page pays for reading a turn, with all that it loads: minified and gzipped. A ratchet: lower it when it shrinks,
// explain a rise.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, it } from "vitest";

const resolveDir = fileURLToPath(new URL(".", import.meta.url));

async function bundled(contents: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2023",
    platform: "browser",
    external: ["react"],
    write: false,
  });
  return outputFiles[0]?.contents ?? expect.fail("nothing was bundled");
}

it.each([
  ["anthropic/client", "subscribe", 3500],
  ["anthropic/react", "useMessage", 3900],
  ["context/client", "readText", 3500],
  ["context/react", "useText", 3900],
] as const)(
  "@s2kit/resumable/%s is small in a page: %s, at most %d bytes",
  async (entry, name, maxBytes) => {
    const bytes = await bundled(`export { ${name} } from "@s2kit/resumable/${entry}"`);
    const { length } = gzipSync(bytes, { level: 9 });
    if (process.env.PRINT_SIZES !== undefined)
      process.stdout.write(`${String(length).padStart(6)} bytes  ${entry} ${name}\n`);
    expect(length).toBeLessThanOrEqual(maxBytes);
    // Nothing of the SDK of streams, which a page of a chat does not need.
    for (const foreign of ["/v1/streams", "s2-basin", "fence"])
      expect(new TextDecoder().decode(bytes)).not.toContain(foreign);
  },
);
