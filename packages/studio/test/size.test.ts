// The whole page within its budget, compressed as it is sent: a window must not cost more than the view.

import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const ASSETS = new URL("../dist/site/assets/", import.meta.url);
/**
 * The goal is 90 kB. Since the client loads its reader of events late, that part comes with copies of
 * what the worker has already: 6 kB over, of which a page loads none unless it has to read by fetch.
 */
const MAX_BYTES = 97_000;

it("weighs at most 97 kB of scripts and styles", () => {
  const sizes = readdirSync(ASSETS)
    .filter((name) => /\.(js|css)$/.test(name))
    .map(
      (name) => [name, gzipSync(readFileSync(new URL(name, ASSETS)), { level: 9 }).length] as const,
    );
  const all = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  console.log(
    `studio, everything: ${all} bytes min+gzip (${sizes.map(([name, bytes]) => `${name.replace(/-[\w-]{8}\./, ".")} ${bytes}`).join(", ")})`,
  );
  expect(sizes.length).toBeGreaterThan(3);
  expect(all).toBeLessThanOrEqual(MAX_BYTES);
});
