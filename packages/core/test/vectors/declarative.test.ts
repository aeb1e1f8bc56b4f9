// Golden vectors of what people declare: durations and resource specs. The command line and the
// server read the same specs in tests of their own.

import { describe, expect, it } from "vitest";
import { parseDurationSecs } from "../../src/declarative/duration.js";
import { parseResourceSpec } from "../../src/declarative/resource-spec.js";
import { streamConfigFromJson } from "../../src/json/config.js";
import { vectorsOf } from "./load.js";

interface DurationVector {
  readonly text: string;
  readonly secs: string | null;
}

interface SpecVector {
  readonly spec: unknown;
  readonly basins?: readonly {
    readonly name: string;
    readonly config: { readonly default_stream_config?: unknown };
    readonly streams: readonly { readonly name: string; readonly config: unknown }[];
  }[];
  readonly mistakes?: readonly string[];
}

describe("durations", () => {
  it.each(vectorsOf<DurationVector>("durations.json"))("$id: $meaning", ({ text, secs }) => {
    expect(parseDurationSecs(text)?.toString() ?? null).toBe(secs);
  });
});

describe("resource specs", () => {
  it.each(vectorsOf<SpecVector>("resource-specs.json"))("$id: $meaning", (vector) => {
    const spec = parseResourceSpec(JSON.stringify(vector.spec));

    if (spec.ok) expect(spec.value).toEqual(vector.basins?.map(basinOf));
    else expect(spec.error.map(({ field }) => field)).toEqual(vector.mistakes);
  });

  it("must be JSON, and the mistake says why not", () => {
    const spec = parseResourceSpec("{ nonsense");

    expect(spec).toMatchObject({
      ok: false,
      error: [{ field: "spec", message: expect.stringMatching(/^not valid JSON: ./) }],
    });
  });
});

/** The neutral form in ours. What is not set is left out, never undefined. */
function basinOf({ name, config, streams }: NonNullable<SpecVector["basins"]>[number]): unknown {
  const { default_stream_config: defaults, ...others } = config;
  const names: Readonly<Record<string, string>> = {
    stream_cipher: "streamCipher",
    create_stream_on_append: "createStreamOnAppend",
    create_stream_on_read: "createStreamOnRead",
  };
  return {
    name,
    config: {
      ...(defaults === undefined ? {} : { defaultStreamConfig: streamConfigFromJson(defaults) }),
      ...Object.fromEntries(Object.entries(others).map(([key, value]) => [names[key], value])),
    },
    streams: streams.map((stream) => ({
      name: stream.name,
      config: streamConfigFromJson(stream.config),
    })),
  };
}
