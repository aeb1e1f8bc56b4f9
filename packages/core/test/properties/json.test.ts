// Everything that travels as JSON or in a query string comes back as it was sent.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccessTokenScope } from "../../src/account/access.js";
import type { ResourceSet } from "../../src/account/resource-set.js";
import {
  accessTokenInfoFromJson,
  accessTokenInfoToJson,
  issueAccessTokenRequestFromJson,
  issueAccessTokenRequestToJson,
} from "../../src/json/access.js";
import {
  basinConfigFromJson,
  basinConfigToJson,
  basinReconfigurationFromJson,
  basinReconfigurationToJson,
  resolvedStreamConfigToJson,
  streamConfigFromJson,
  streamReconfigurationFromJson,
  streamReconfigurationToJson,
} from "../../src/json/config.js";
import { errorFromWire, errorToWire } from "../../src/json/error.js";
import { locationsFromJson, locationsToJson } from "../../src/json/locations.js";
import {
  formatMetricsQuery,
  metricsFromJson,
  metricsToJson,
  parseMetricsQuery,
} from "../../src/json/metrics.js";
import {
  appendAckFromJson,
  appendAckToJson,
  appendInputFromJson,
  appendInputToJson,
  positionFromJson,
  positionToJson,
  readBatchFromJson,
  readBatchToJson,
  tailFromJson,
  tailToJson,
} from "../../src/json/records.js";
import {
  basinInfoFromJson,
  basinInfoToJson,
  pageFromJson,
  pageToJson,
  streamInfoFromJson,
  streamInfoToJson,
} from "../../src/json/resources.js";
import { streamConfigToJson } from "../../src/json/stream-config.js";
import { formatReadQuery, parseReadQuery } from "../../src/record/read.js";
import {
  anyAppendAck,
  anyAppendInput,
  anyPosition,
  anyReadBatch,
  anyReadQuery,
} from "../../src/testing/arbitraries/record.js";
import {
  anyAccessTokenInfo,
  anyBasinConfig,
  anyBasinInfo,
  anyBasinReconfiguration,
  anyIssueAccessTokenRequest,
  anyLocationInfo,
  anyMetric,
  anyMetricsQuery,
  anyPage,
  anyResolvedStreamConfig,
  anyStreamConfig,
  anyStreamInfo,
  anyStreamReconfiguration,
} from "../../src/testing/arbitraries/resource.js";
import { anyServerError } from "../../src/testing/arbitraries/session.js";

/** What the other side gets. */
function sent(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json));
}

describe("JSON", () => {
  it("carries appends in base64 whatever their bytes", () => {
    fc.assert(
      fc.property(anyAppendInput(), (input) => {
        const json = sent(appendInputToJson(input, "base64"));
        expect(appendInputFromJson(json, "base64")).toEqual(input);
      }),
    );
  });

  it("carries reads in base64 whatever their bytes, and never fails in raw", () => {
    fc.assert(
      fc.property(anyReadBatch(), (batch) => {
        const json = sent(readBatchToJson(batch, "base64"));
        expect(readBatchFromJson(json, "base64")).toEqual(batch);
        const raw = readBatchFromJson(sent(readBatchToJson(batch, "raw")), "raw");
        expect(raw.records.map(({ seqNum }) => seqNum)).toEqual(
          batch.records.map(({ seqNum }) => seqNum),
        );
      }),
    );
  });

  it("carries acks, positions and tails", () => {
    fc.assert(
      fc.property(anyAppendAck(), anyPosition(), (ack, position) => {
        expect(appendAckFromJson(sent(appendAckToJson(ack)))).toEqual(ack);
        expect(positionFromJson(sent(positionToJson(position)), "at")).toEqual(position);
        expect(tailFromJson(sent(tailToJson(position)))).toEqual(position);
      }),
    );
  });

  it("carries errors with their class, code and what they promise", () => {
    fc.assert(
      fc.property(anyServerError(), (error) => {
        const { status, body } = errorToWire(error);
        expect(errorFromWire(status, JSON.stringify(body))).toEqual(error);
      }),
    );
  });

  it("carries stream configurations; an empty delete-on-empty means 0", () => {
    fc.assert(
      fc.property(anyStreamConfig(), (config) => {
        const { deleteOnEmpty, timestamping, ...rest } = config;
        const back = streamConfigFromJson(sent(streamConfigToJson(config) ?? {}));
        const hasTimes = timestamping?.mode !== undefined || timestamping?.uncapped !== undefined;
        expect(back).toEqual({
          ...rest,
          timestamping: hasTimes ? timestamping : undefined,
          deleteOnEmpty: deleteOnEmpty?.minAgeSecs === undefined ? undefined : deleteOnEmpty,
        });
      }),
    );
  });

  it("carries resolved configurations leaf by leaf", () => {
    fc.assert(
      fc.property(anyResolvedStreamConfig(), (config) => {
        expect(streamConfigFromJson(sent(resolvedStreamConfigToJson(config)))).toEqual(config);
      }),
    );
  });

  it("carries patches with absent, null and value kept apart", () => {
    fc.assert(
      fc.property(anyStreamReconfiguration(), anyBasinReconfiguration(), (stream, basin) => {
        expect(streamReconfigurationFromJson(sent(streamReconfigurationToJson(stream)))).toEqual(
          stream,
        );
        expect(basinReconfigurationFromJson(sent(basinReconfigurationToJson(basin)))).toEqual(
          basin,
        );
      }),
    );
  });

  it("carries basin configurations", () => {
    fc.assert(
      fc.property(anyBasinConfig(), (config) => {
        const json = sent(basinConfigToJson(config));
        const back = basinConfigFromJson(json);
        expect(sent(basinConfigToJson(back))).toEqual(json);
        expect(back).toMatchObject({
          createStreamOnAppend: config.createStreamOnAppend,
          createStreamOnRead: config.createStreamOnRead,
        });
      }),
    );
  });

  it("carries pages of basins and streams", () => {
    fc.assert(
      fc.property(anyPage(anyBasinInfo()), anyPage(anyStreamInfo()), (basins, streams) => {
        const basinJson = sent(pageToJson(basins, "basins", basinInfoToJson));
        expect(pageFromJson(basinJson, "basins", basinInfoFromJson)).toEqual(basins);
        const streamJson = sent(pageToJson(streams, "streams", streamInfoToJson));
        expect(pageFromJson(streamJson, "streams", streamInfoFromJson)).toEqual(streams);
      }),
    );
  });

  it("carries locations and metrics", () => {
    fc.assert(
      fc.property(fc.array(anyLocationInfo()), fc.array(anyMetric()), (locations, metrics) => {
        expect(locationsFromJson(sent(locationsToJson(locations)))).toEqual(locations);
        expect(metricsFromJson(sent(metricsToJson(metrics)))).toEqual(metrics);
      }),
    );
  });

  /** What survives of a scope: sets that name nothing are none, flags are filled in. */
  const normal = ({ basins, streams, accessTokens, opGroups, ops }: AccessTokenScope) => {
    const set = (resources: ResourceSet | undefined) =>
      resources !== undefined && "exact" in resources && resources.exact === ""
        ? undefined
        : resources;
    const flags = (group: { read?: boolean | undefined; write?: boolean | undefined } = {}) => ({
      read: group.read ?? false,
      write: group.write ?? false,
    });
    return {
      basins: set(basins),
      streams: set(streams),
      accessTokens: set(accessTokens),
      opGroups: {
        account: flags(opGroups?.account),
        basin: flags(opGroups?.basin),
        stream: flags(opGroups?.stream),
      },
      ops: ops ?? [],
    };
  };

  it("carries access tokens", () => {
    fc.assert(
      fc.property(anyAccessTokenInfo(), anyIssueAccessTokenRequest(), (info, request) => {
        expect(accessTokenInfoFromJson(sent(accessTokenInfoToJson(info)))).toEqual({
          ...info,
          scope: normal(info.scope),
        });
        const json = sent(issueAccessTokenRequestToJson(request));
        expect(issueAccessTokenRequestFromJson(json)).toEqual({
          ...request,
          scope: normal(request.scope),
        });
      }),
    );
  });
});

describe("query strings", () => {
  it("carry reads", () => {
    fc.assert(
      fc.property(anyReadQuery(), (query) => {
        const back = parseReadQuery(new URLSearchParams(formatReadQuery(query)));
        expect(back).toEqual({ ...query, clamp: query.clamp === true ? true : undefined });
      }),
    );
  });

  it("carry metrics queries", () => {
    const cases = fc
      .constantFrom("account" as const, "basin" as const, "stream" as const)
      .chain((level) => anyMetricsQuery(level).map((query) => ({ level, query })));
    fc.assert(
      fc.property(cases, ({ level, query }) => {
        const params = new URLSearchParams(formatMetricsQuery(query));
        expect(parseMetricsQuery(params, level)).toEqual(query);
      }),
    );
  });
});
