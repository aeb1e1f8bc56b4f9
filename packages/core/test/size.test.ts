// What the built package costs in a bundle: minified and gzipped, and only what is used. `pnpm size`
// prints the figures. Budgets are ratchets: lower them when something shrinks, explain a rise.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const FACE = fileURLToPath(new URL("../dist/index.js", import.meta.url));

/** What a complete client takes: data plane, control plane, errors, sessions. */
const CLIENT_SIDE = [
  "accessTokenInfoFromJson",
  "batchMeteredBytes",
  "basinConfigFromJson",
  "basinConfigToJson",
  "basinInfoFromJson",
  "basinReconfigurationToJson",
  "buildPath",
  "checkIssueRequest",
  "checkStreamConfig",
  "compressionFor",
  "createFrameDecoder",
  "createSseParser",
  "decodeAppendAck",
  "decodeReadBatch",
  "decodeReadEvent",
  "deferred",
  "encodeAppendInput",
  "encodeMessageFrame",
  "errorFromWire",
  "fenceRecord",
  "Fifo",
  "formatMetricsQuery",
  "formatReadQuery",
  "isCommandRecord",
  "issueAccessTokenRequestToJson",
  "issuedAccessTokenFromJson",
  "locationInfoFromJson",
  "locationsFromJson",
  "metricsFromJson",
  "pageFromJson",
  "parseAccessTokenId",
  "parseBasinName",
  "parseLocationName",
  "parseStreamName",
  "RangeNotSatisfiableError",
  "readBatchFromJson",
  "ROUTES",
  "S2Error",
  "SeqNumMismatchError",
  "sleep",
  "streamConfigFromJson",
  "streamInfoFromJson",
  "streamReconfigurationToJson",
  "systemClock",
  "systemRandom",
  "tailFromJson",
  "trimRecord",
];

async function bundled(exported: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export ${exported} from ${JSON.stringify(FACE)}`,
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

async function gzippedBytes(exported: string): Promise<number> {
  const { length } = gzipSync(await bundled(exported), { level: 9 });
  if (process.env.PRINT_SIZES !== undefined)
    process.stdout.write(`${String(length).padStart(6)} bytes  ${exported.slice(0, 60)}\n`);
  return length;
}

describe("the size of core, minified and gzipped", () => {
  it("is at most 14 kB for all that a client takes", async () => {
    expect(await gzippedBytes(`{ ${CLIENT_SIDE.join(", ")} }`)).toBeLessThanOrEqual(14_000);
  });

  it("is at most 23 kB for everything, servers' rooms included", async () => {
    expect(await gzippedBytes("*")).toBeLessThanOrEqual(23_000);
  });

  it.each([
    ["ok", 250],
    ["meteredBytes", 300],
    ["utf8ByteLength", 350],
    ["effectiveOperations", 850],
    ["encodeAppendInput", 950],
    ["S2Error", 1700],
    ["createFrameDecoder", 2700],
    ["createSseParser", 2800],
    ["decodeReadBatch", 3100],
    ["scanAppendInput", 5200],
  ])("is only what %s needs when nothing else is used: %d bytes", async (name, maxBytes) => {
    expect(await gzippedBytes(`{ ${name} }`)).toBeLessThanOrEqual(maxBytes);
  });
});

describe("a bundle", () => {
  it("leaves the rooms behind that it does not use", async () => {
    const text = new TextDecoder().decode(await bundled("{ createSseParser }"));

    for (const foreign of ["/v1/basins", "retention_policy", "fence"])
      expect(text).not.toContain(foreign);
  });
});
