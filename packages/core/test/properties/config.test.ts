// Laws of configurations: inheritance leaf by leaf, and patches with three values.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkStreamConfig,
  DEFAULT_BASIN_CONFIG,
  DEFAULT_STREAM_CONFIG,
  isSameStreamConfig,
  patchBasinConfig,
  patchStreamConfig,
  resolveStreamConfig,
} from "../../src/account/config.js";
import {
  anyBasinConfig,
  anyBasinReconfiguration,
  anyResolvedStreamConfig,
  anyStreamConfig,
  anyStreamReconfiguration,
} from "../../src/testing/arbitraries/resource.js";

describe("resolving", () => {
  it("takes each leaf from the request, else the basin, else the system", () => {
    fc.assert(
      fc.property(anyStreamConfig(), anyStreamConfig(), (mine, basin) => {
        const system = DEFAULT_STREAM_CONFIG;
        expect(resolveStreamConfig(mine, basin)).toEqual({
          storageClass: mine.storageClass ?? basin.storageClass ?? system.storageClass,
          retentionPolicy: mine.retentionPolicy ?? basin.retentionPolicy ?? system.retentionPolicy,
          timestamping: {
            mode: mine.timestamping?.mode ?? basin.timestamping?.mode ?? "client-prefer",
            uncapped: mine.timestamping?.uncapped ?? basin.timestamping?.uncapped ?? false,
          },
          deleteOnEmpty: {
            minAgeSecs: mine.deleteOnEmpty?.minAgeSecs ?? basin.deleteOnEmpty?.minAgeSecs ?? 0,
          },
        });
      }),
    );
  });

  it("changes nothing that is resolved already", () => {
    fc.assert(
      fc.property(anyResolvedStreamConfig(), anyStreamConfig(), (resolved, basin) => {
        expect(resolveStreamConfig(resolved, basin)).toEqual(resolved);
        expect(isSameStreamConfig(resolveStreamConfig(resolved, basin), resolved)).toBe(true);
      }),
    );
    expect(resolveStreamConfig()).toEqual(DEFAULT_STREAM_CONFIG);
  });

  it("finds two resolved configurations the same exactly when their leaves are", () => {
    fc.assert(
      fc.property(anyResolvedStreamConfig(), anyResolvedStreamConfig(), (a, b) => {
        expect(isSameStreamConfig(a, b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});

describe("patching", () => {
  it("twice with the same patch is patching once, and an empty patch does nothing", () => {
    fc.assert(
      fc.property(anyStreamConfig(), anyStreamReconfiguration(), (config, patch) => {
        const once = patchStreamConfig(config, patch);
        expect(patchStreamConfig(once, patch)).toEqual(once);
        expect(patchStreamConfig(config, {})).toEqual(config);
      }),
    );
  });

  it("sets values, clears nulls and keeps the rest", () => {
    fc.assert(
      fc.property(anyStreamConfig(), anyStreamReconfiguration(), (config, patch) => {
        const after = patchStreamConfig(config, patch);
        for (const key of ["storageClass", "retentionPolicy"] as const) {
          if (patch[key] === undefined) expect(after[key]).toEqual(config[key]);
          else expect(after[key]).toEqual(patch[key] ?? undefined);
        }
        for (const key of ["mode", "uncapped"] as const) {
          const leaf = patch.timestamping === null ? null : patch.timestamping?.[key];
          const expected = leaf === undefined ? config.timestamping?.[key] : (leaf ?? undefined);
          expect(after.timestamping?.[key]).toEqual(expected);
        }
        const age = patch.deleteOnEmpty === null ? null : patch.deleteOnEmpty?.minAgeSecs;
        const expectedAge = age === undefined ? config.deleteOnEmpty?.minAgeSecs : age;
        expect(after.deleteOnEmpty?.minAgeSecs).toEqual(expectedAge ?? undefined);
      }),
    );
  });

  it("of a basin keeps its flags unless they are set, and patches its defaults inside", () => {
    fc.assert(
      fc.property(anyBasinConfig(), anyBasinReconfiguration(), (config, patch) => {
        const after = patchBasinConfig(config, patch);
        expect(after.createStreamOnAppend).toBe(
          patch.createStreamOnAppend ?? config.createStreamOnAppend,
        );
        expect(after.createStreamOnRead).toBe(
          patch.createStreamOnRead ?? config.createStreamOnRead,
        );
        const streams = patch.defaultStreamConfig;
        if (streams === null) expect(after.defaultStreamConfig).toBeUndefined();
        else if (streams === undefined)
          expect(after.defaultStreamConfig).toEqual(config.defaultStreamConfig);
        else
          expect(after.defaultStreamConfig).toEqual(
            patchStreamConfig(config.defaultStreamConfig ?? {}, streams),
          );
        expect(patchBasinConfig(after, patch)).toEqual(after);
      }),
    );
    expect(patchBasinConfig(DEFAULT_BASIN_CONFIG, { streamCipher: "aegis-256" })).toMatchObject({
      streamCipher: "aegis-256",
    });
  });
});

describe("a retention age of 0", () => {
  it("is refused in the words of the API, in configurations and patches", () => {
    const message = "[invalid] age must be greater than 0 seconds";

    expect(() => checkStreamConfig({ retentionPolicy: { ageSecs: 0 } })).toThrow(message);
    expect(() => checkStreamConfig({ retentionPolicy: { ageSecs: 1 } })).not.toThrow();
    expect(() => checkStreamConfig({ retentionPolicy: { infinite: {} } })).not.toThrow();
    expect(() => checkStreamConfig({ retentionPolicy: null })).not.toThrow();
    expect(() => checkStreamConfig({})).not.toThrow();
  });
});
