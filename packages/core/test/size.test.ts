// What the built package costs in a bundle: minified and gzipped, and only what is used. `pnpm size`
// prints the figures. Budgets are ratchets: lower them when something shrinks, explain a rise.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const FACE = fileURLToPath(new URL("../dist/index.js", import.meta.url));

/** What the client of this repository takes: data plane, control plane, sessions, errors. */
const CLIENT_SIDE = [
  "Admission",
  "FRAME_HEAD_BYTES",
  "Fifo",
  "HEADER_BASIN",
  "HEADER_ENCRYPTION_KEY",
  "HEADER_FORMAT",
  "HEADER_METERED_OVERHEAD",
  "HEADER_PROVISION_RESULT",
  "HEADER_REQUEST_TOKEN",
  "HEADER_RETRY_AFTER_MS",
  "HEADER_STREAM_CONFIG",
  "MAX_BATCH_METERED_BYTES",
  "MAX_BATCH_RECORDS",
  "MAX_ENCRYPTION_KEY_HEADER_CHARS",
  "MAX_FRAME_BODY_BYTES",
  "MAX_RECORD_METERED_BYTES",
  "MEDIA_EVENT_STREAM",
  "MEDIA_JSON",
  "MEDIA_PROTOBUF",
  "MEDIA_S2S",
  "MIN_FRAME_COMPRESSION_BYTES",
  "PROVISION_RESULTS",
  "RECORD_METERED_OVERHEAD",
  "ROUTES",
  "S2Error",
  "accessTokenInfoFromJson",
  "basinConfigFromJson",
  "basinConfigToJson",
  "basinInfoFromJson",
  "basinReconfigurationToJson",
  "batchMeteredBytes",
  "buildPath",
  "checkStreamConfig",
  "compressionFor",
  "createFrameDecoder",
  "createSseParser",
  "decodeAppendAck",
  "decodeAppendInput",
  "decodeReadBatch",
  "decodeReadEvent",
  "decodeUtf8Lossy",
  "deferred",
  "encodeAppendAck",
  "encodeAppendInput",
  "encodeBase64",
  "encodeMessageFrame",
  "encodeReadBatch",
  "encodeTerminalFrame",
  "encodeUtf8",
  "err",
  "errorFromWire",
  "fenceRecord",
  "fencingTokenRule",
  "formatMetricsQuery",
  "formatReadQuery",
  "formatRfc3339",
  "isCommandRecord",
  "isSafeU64",
  "issueAccessTokenRequestToJson",
  "issuedAccessTokenFromJson",
  "locationInfoFromJson",
  "locationsFromJson",
  "messageFlag",
  "meteredBytes",
  "metricsFromJson",
  "ok",
  "pageFromJson",
  "parseAccessTokenId",
  "parseBasinName",
  "parseLocationName",
  "parseStreamName",
  "requireSafeU64",
  "sleep",
  "streamConfigFromJson",
  "streamConfigToJson",
  "streamInfoFromJson",
  "streamReconfigurationToJson",
  "systemClock",
  "systemRandom",
  "tailFromJson",
  "trimRecord",
  "utf8ByteLength",
  "writeFrameHead",
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
