// The whole page within its budget, compressed as it is sent: a window must not cost more than the view.

import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const ASSETS = new URL("../dist/site/assets/", import.meta.url);
const MAX_BYTES = 90_000;

it("weighs at most 90 kB of scripts and styles", () => {
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
