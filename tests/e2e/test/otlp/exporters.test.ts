// Exporters of the SDK of OpenTelemetry against our server: every signal in both encodings, with what the
// specification promises when not all of it can be kept.

import { createServer, type S2Server } from "@s2kit/server-lite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linesOf, namesOf } from "./kept.js";
import {
  ENCODINGS,
  type Outcome,
  SIGNALS,
  startTelemetry,
  type TelemetrySettings,
} from "./telemetry.js";

const BASIN = "telemetry-basin";
const ROOT = "root-token-of-tests";

let server: S2Server;
let url: string;
beforeAll(async () => {
  server = createServer({ port: 0, rootToken: ROOT });
  ({ url } = await server.listen());
  await fetch(`${url}/v1/basins/${BASIN}`, {
    method: "PUT",
    headers: { ...AUTHORIZED, "content-type": "application/json" },
    body: JSON.stringify({ config: { create_stream_on_append: true } }),
  });
});
afterAll(() => server.close());

const AUTHORIZED = { authorization: `Bearer ${ROOT}` };
const TOKEN = { S2_ACCESS_TOKEN: ROOT };
const CELLS = SIGNALS.flatMap((signal) => ENCODINGS.map((encoding) => [signal, encoding] as const));

async function exported(
  settings: Omit<TelemetrySettings, "basin" | "url">,
  names: readonly string[],
): Promise<readonly Outcome[]> {
  const telemetry = startTelemetry({
    headers: AUTHORIZED,
    ...settings,
    url,
    basin: BASIN,
  });
  try {
    for (const name of names) telemetry.emit(name);
    return await telemetry.flush();
  } finally {
    await telemetry.close().catch(() => undefined);
  }
}

describe.each(CELLS)("%s by %s", (signal, encoding) => {
  it("arrive whole, plain and compressed", async () => {
    const stream = `${signal}/${encoding}`;
    const names = Array.from({ length: 200 }, (_, index) => `item.${index}`);
    expect(await exported({ signal, encoding, stream }, names)).toEqual(["ok"]);
    const more = { signal, encoding, stream, isCompressed: true };
    expect(await exported(more, ["behind"])).toEqual(["ok"]);
    const lines = await linesOf(url, BASIN, stream, TOKEN);
    // Metrics are sums so far: they are exported once more when their provider ends.
    expect([...new Set(namesOf(lines))]).toEqual([...names, "behind"]);
    expect(lines).toHaveLength(signal === "metrics" ? 4 : 2);
  });

  it("look the same in both encodings", async () => {
    const stream = `shape/${signal}/${encoding}`;
    await exported({ signal, encoding, stream }, ["one"]);
    const [line] = await linesOf(url, BASIN, stream, TOKEN);
    expect(line).toMatchObject(SHAPES[signal]);
  });
});

const HEX = /^[0-9a-f]+$/;
const AROUND = {
  resource: {
    attributes: expect.arrayContaining([{ key: "service.name", value: { stringValue: "shop" } }]),
  },
};
const SCOPE = { scope: { name: "checkout", version: "1.2.3" } };
const SHAPES = {
  logs: {
    resourceLogs: [
      {
        ...AROUND,
        scopeLogs: [
          { ...SCOPE, logRecords: [{ severityNumber: 9, body: { stringValue: "one" } }] },
        ],
      },
    ],
  },
  metrics: {
    resourceMetrics: [
      {
        ...AROUND,
        scopeMetrics: [
          { ...SCOPE, metrics: [{ name: "one", sum: { dataPoints: [{ asDouble: 1 }] } }] },
        ],
      },
    ],
  },
  traces: {
    resourceSpans: [
      {
        ...AROUND,
        scopeSpans: [
          {
            ...SCOPE,
            spans: [
              {
                name: "one",
                kind: 2,
                traceId: expect.stringMatching(HEX),
                spanId: expect.stringMatching(HEX),
              },
            ],
          },
        ],
      },
    ],
  },
};

describe("what cannot be kept", () => {
  it.each(ENCODINGS)("is one item, not its neighbours, by %s", async (encoding) => {
    const stream = `large/${encoding}`;
    await exported({ signal: "logs", encoding, stream }, ["a", "x".repeat(1_100_000), "b"]);
    expect(namesOf(await linesOf(url, BASIN, stream, TOKEN))).toEqual(["a", "b"]);
  });

  it.each(ENCODINGS)(
    "is nothing although it is more than a record holds, by %s",
    async (encoding) => {
      const stream = `long/${encoding}`;
      const names = Array.from({ length: 30 }, (_, index) => `${index}:${"y".repeat(100_000)}`);
      await exported({ signal: "logs", encoding, stream }, names);
      const lines = await linesOf(url, BASIN, stream, TOKEN);
      expect(namesOf(lines)).toEqual(names);
      expect(lines.length).toBeGreaterThan(2);
    },
  );

  it("is what a token may not write: told at once, and not repeated", async () => {
    const settings = { signal: "traces", encoding: "http/protobuf", stream: "denied" } as const;
    const headers = { authorization: "Bearer never-issued-token" };
    const startMs = performance.now();
    expect(await exported({ ...settings, headers }, ["x"])).toEqual(["401"]);
    // The first wait before a repetition is 0.8 s at least.
    expect(performance.now() - startMs).toBeLessThan(700);
  });

  it("is telemetry that names no stream, unless the exporter does", async () => {
    const settings = { signal: "logs", encoding: "http/protobuf", stream: undefined } as const;
    expect(await exported(settings, ["x"])).toEqual(["422"]);
    const headers = { ...AUTHORIZED, "s2-otlp-stream": "named-by-header" };
    await exported({ ...settings, headers }, ["x"]);
    expect(namesOf(await linesOf(url, BASIN, "named-by-header", TOKEN))).toEqual(["x"]);
  });
});
