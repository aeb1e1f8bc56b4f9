// Access tokens on the wire. Spec: control-plane#json, control-plane#access-tokens.

import { describe, expect, it } from "vitest";
import {
  accessTokenInfoFromJson,
  accessTokenInfoToJson,
  accessTokenScopeFromJson,
  issueAccessTokenRequestFromJson,
  issueAccessTokenRequestToJson,
  issuedAccessTokenFromJson,
  issuedAccessTokenToJson,
} from "../../src/json/access.js";

const NO_FLAGS = { read: false, write: false };

describe("an issue request", () => {
  it("is read with its resource sets, groups and operations", () => {
    const request = issueAccessTokenRequestFromJson({
      id: "reader",
      expires_at: "2030-01-01T00:00:00.123456789+02:00",
      auto_prefix_streams: true,
      scope: {
        basins: { exact: "my-basin-1" },
        streams: { prefix: "logs/" },
        access_tokens: null,
        op_groups: { stream: { read: true, write: null }, basin: null },
        ops: ["append", "append"],
        novelty: 1,
      },
    });

    expect(request).toEqual({
      id: "reader",
      expiresAt: "2030-01-01T00:00:00.123456789+02:00",
      autoPrefixStreams: true,
      scope: {
        basins: { exact: "my-basin-1" },
        streams: { prefix: "logs/" },
        opGroups: { stream: { read: true } },
        ops: ["append"],
      },
    });
    expect(
      issueAccessTokenRequestFromJson(
        JSON.parse(JSON.stringify(issueAccessTokenRequestToJson(request))),
      ),
    ).toMatchObject({ id: "reader", autoPrefixStreams: true, expiresAt: request.expiresAt });
  });

  it("needs only an id and a scope", () => {
    expect(issueAccessTokenRequestFromJson({ id: "x", scope: {} })).toEqual({ id: "x", scope: {} });
  });

  it.each<[string, unknown]>([
    ["id=", { id: "", scope: {} }],
    ["id longer than 96 bytes", { id: "é".repeat(49), scope: {} }],
    ["no scope", { id: "x" }],
    ["field=expires_at", { id: "x", scope: {}, expires_at: "tomorrow" }],
    ["field=scope.ops[1]", { id: "x", scope: { ops: ["read", "fly"] } }],
    ["field=scope.basins", { id: "x", scope: { basins: { exact: "my-basin-1", prefix: "" } } }],
    ["field=scope.basins", { id: "x", scope: { basins: {} } }],
    ["field=scope.basins", { id: "x", scope: { basins: { suffix: "a" } } }],
    ["field=scope.basins.exact", { id: "x", scope: { basins: { exact: "Short" } } }],
    ["field=scope.basins.prefix", { id: "x", scope: { basins: { prefix: "-" } } }],
    ["field=scope.streams.exact", { id: "x", scope: { streams: { exact: ".." } } }],
    ["field=scope.access_tokens.prefix", { id: "x", scope: { access_tokens: { prefix: "\0" } } }],
    ["field=scope.op_groups.basin.read", { id: "x", scope: { op_groups: { basin: { read: 1 } } } }],
  ])("is refused as bad_json for %s", (_, json) => {
    expect(() => issueAccessTokenRequestFromJson(json)).toThrow(/^\[bad_json\]/);
  });
});

describe("a listed token", () => {
  it("shows every group and flag, and null for sets that name nothing", () => {
    expect(
      accessTokenInfoToJson({
        id: "t",
        autoPrefixStreams: false,
        scope: { basins: { exact: "" }, streams: { prefix: "" }, ops: ["read", "read"] },
      }),
    ).toEqual({
      id: "t",
      expires_at: null,
      auto_prefix_streams: false,
      scope: {
        basins: null,
        streams: { prefix: "" },
        access_tokens: null,
        op_groups: { account: NO_FLAGS, basin: NO_FLAGS, stream: NO_FLAGS },
        ops: ["read"],
      },
    });
  });

  it("comes back as it was sent", () => {
    const info = {
      id: "t",
      expiresAt: "2030-01-01T00:00:00Z",
      autoPrefixStreams: true,
      scope: accessTokenScopeFromJson({ streams: { prefix: "p" }, ops: ["read"] }),
    };

    expect(accessTokenInfoFromJson(accessTokenInfoToJson(info))).toEqual({
      ...info,
      scope: {
        streams: { prefix: "p" },
        ops: ["read"],
        opGroups: { account: NO_FLAGS, basin: NO_FLAGS, stream: NO_FLAGS },
      },
    });
    expect(accessTokenInfoFromJson({ id: "t", scope: {} }).autoPrefixStreams).toBe(false);
  });
});

it("the secret of an issued token travels once, by its own key", () => {
  expect(issuedAccessTokenFromJson(issuedAccessTokenToJson("secret"))).toBe("secret");
  expect(() => issuedAccessTokenFromJson({})).toThrow(/bad_json/);
});
