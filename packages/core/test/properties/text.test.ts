// Text, base64, names and paths against the platform's own or a second description.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  accessTokenIdPrefixRule,
  basinNameRule,
  parseAccessTokenId,
  parseBasinName,
  parseLocationName,
  parseStreamName,
  streamNameRule,
} from "../../src/account/names.js";
import { buildPath, ROUTES, type RouteName } from "../../src/paths.js";
import { matchRoute } from "../../src/route-match.js";
import {
  anyAccessTokenId,
  anyBasinName,
  anyLocationName,
  anyStreamName,
} from "../../src/testing/arbitraries/names.js";
import { decodeBase64, encodeBase64 } from "../../src/text/base64.js";
import { parseU64, U64_BEYOND } from "../../src/text/uint64.js";
import {
  compareUtf8,
  decodeUtf8,
  decodeUtf8Lossy,
  encodeUtf8,
  isWellFormed,
  utf8ByteLength,
} from "../../src/text/utf8.js";

/** Any string of JavaScript, lone surrogates included. */
const anyString = fc
  .array(fc.oneof(fc.nat({ max: 0xffff }), fc.constantFrom(0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfffd)))
  .map((units) => String.fromCharCode(...units));

const wellFormed = fc.string({ unit: "binary" });

describe("UTF-8", () => {
  it("has the length that encoding would give", () => {
    fc.assert(
      fc.property(anyString, (text) => {
        expect(utf8ByteLength(text)).toBe(encodeUtf8(text).length);
      }),
    );
  });

  it("comes back unless the text is not well-formed", () => {
    fc.assert(
      fc.property(anyString, (text) => {
        expect(decodeUtf8(encodeUtf8(text)) === text).toBe(isWellFormed(text));
      }),
    );
  });

  it("orders text by its bytes", () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 1000 },
    );
    expect(Math.sign(compareUtf8("\uffff", "\u{10000}"))).toBe(-1);
    expect(compareUtf8("a", "a")).toBe(0);
  });

  it("is decoded strictly or with replacements, and keeps a byte order mark", () => {
    expect(decodeUtf8(Uint8Array.of(0xff))).toBeUndefined();
    expect(decodeUtf8Lossy(Uint8Array.of(0x61, 0xff))).toBe("a\ufffd");
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf))).toBe("\ufeff");
    expect(decodeUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined();
    expect(decodeUtf8(Uint8Array.of(0xc0, 0x80))).toBeUndefined();
    expect(decodeUtf8(Uint8Array.of(0xf4, 0x90, 0x80, 0x80))).toBeUndefined();
  });
});

describe("base64", () => {
  it("is what the platform writes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase64(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64"));
        expect(decodeBase64(text)).toEqual(bytes);
      }),
    );
  });

  it("is refused unless it is exactly what encoding would write", () => {
    const almost = fc.string({
      unit: fc.constantFrom(..."ABCDwxyz0189+/==-_ \n\u00c1".split("")),
      maxLength: 12,
    });
    fc.assert(
      fc.property(almost, (text) => {
        const isCanonical = Buffer.from(text, "base64").toString("base64") === text;
        expect(decodeBase64(text) !== undefined).toBe(isCanonical);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("decimal uint64", () => {
  it("is exact up to 2^53 - 1, saturates above, and ends at 2^64 - 1", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 66n }), (value) => {
        const expected =
          value <= BigInt(Number.MAX_SAFE_INTEGER)
            ? Number(value)
            : value < 2n ** 64n
              ? U64_BEYOND
              : undefined;
        expect(parseU64(value.toString())).toBe(expected);
      }),
      { examples: [[2n ** 53n - 1n], [2n ** 53n], [2n ** 64n - 1n], [2n ** 64n]] },
    );
  });
});

describe("names", () => {
  it("that are legal parse to themselves", () => {
    fc.assert(
      fc.property(
        anyBasinName(),
        anyStreamName(),
        anyAccessTokenId(),
        anyLocationName(),
        (basin, stream, id, location) => {
          expect(parseBasinName(basin)).toBe(basin);
          expect(parseStreamName(stream)).toBe(stream);
          expect(parseAccessTokenId(id)).toBe(id);
          expect(parseLocationName(location)).toBe(location);
        },
      ),
    );
  });

  it("of basins are exactly the pattern of the API", () => {
    const almost = fc.string({
      unit: fc.constantFrom("a", "9", "-", "A", "_", "é"),
      maxLength: 50,
    });
    fc.assert(
      fc.property(fc.oneof(almost, anyBasinName()), (text) => {
        const isLegal = /^[a-z0-9][a-z0-9-]{6,46}[a-z0-9]$/.test(text);
        expect(basinNameRule(text) === undefined).toBe(isLegal);
      }),
    );
  });

  it("that break a rule are refused with the code of the place they came from", () => {
    expect(() => parseStreamName("..", "bad_path")).toThrow(/^\[bad_path\] stream name/);
    expect(() => parseBasinName("short")).toThrow(/^\[INVALID_ARGUMENT\] basin name/);
    expect(() => parseAccessTokenId("", "bad_json")).toThrow(/^\[bad_json\] access token id/);
    expect(() => parseLocationName("a b")).toThrow(/^\[INVALID_ARGUMENT\] location name/);
    expect(streamNameRule("\ud800")).toBe("stream name must be valid UTF-8");
    expect(accessTokenIdPrefixRule("a".repeat(97), "start-after")).toBe(
      "access token id start-after must not exceed 96 bytes in length",
    );
  });
});

describe("paths", () => {
  const names = Object.keys(ROUTES) as RouteName[];

  it.each(names)("of %s lead back to it, whatever the names in them", (name) => {
    fc.assert(
      fc.property(anyStreamName(), anyBasinName(), anyAccessTokenId(), (stream, basin, id) => {
        const params = Object.fromEntries(
          Object.entries({ stream, basin, id }).filter(([key]) =>
            ROUTES[name].template.includes(`{${key}}`),
          ),
        );
        const { method } = ROUTES[name];
        expect(matchRoute(method, buildPath(name, params))).toEqual({
          kind: "route",
          name,
          params,
          basin: undefined,
        });
        if (ROUTES[name].level === "account") return;
        // What is not below /v1 keeps its whole path behind the basin's.
        const inPath = `/v1/basins/${encodeURIComponent(basin)}${buildPath(name, params).replace(/^\/v1\//, "/")}`;
        expect(matchRoute(method, inPath)).toEqual({ kind: "route", name, params, basin });
      }),
    );
  });

  it("with the basin in them have older words for the operations on records", () => {
    const stream = "/v1/basins/basin-one/streams/a%2Fb";
    const params = { stream: "a/b" };
    const basin = "basin-one";
    expect(matchRoute("POST", `${stream}/append`)).toEqual({
      kind: "route",
      name: "append",
      params,
      basin,
    });
    expect(matchRoute("GET", `${stream}/read`)).toMatchObject({ name: "read", params, basin });
    expect(matchRoute("GET", `${stream}/tail`)).toMatchObject({
      name: "check-tail",
      params,
      basin,
    });
    expect(matchRoute("GET", `${stream}/append`)).toEqual({
      kind: "method-not-allowed",
      allowed: ["POST"],
    });
    for (const path of ["/v1/streams/s/append", "/v1/basins/b/metrics", "/v1/basins//streams"])
      expect(matchRoute("GET", path)).toEqual({ kind: "not-found" });
  });

  it("stay one segment for names with slashes and dots", () => {
    expect(buildPath("read", { stream: "a/b" })).toBe("/v1/streams/a%2Fb/records");
    expect(matchRoute("GET", "/v1/streams/%2E%2E/records")).toMatchObject({
      params: { stream: ".." },
    });
    expect(matchRoute("GET", "/v1/streams/a%252Fb/records")).toMatchObject({
      params: { stream: "a%2Fb" },
    });
  });

  it("prefer a literal segment to a parameter", () => {
    expect(matchRoute("GET", "/v1/locations/default")).toMatchObject({
      name: "get-default-location",
    });
  });

  it("tell an unknown method from an unknown path", () => {
    expect(matchRoute("PATCH", "/v1/basins")).toEqual({
      kind: "method-not-allowed",
      allowed: ["GET", "POST"],
    });
    for (const path of [
      "",
      "/",
      "/v1",
      "/v1/",
      "/v1/streams/",
      "/v1/streams//records",
      "/v2/basins",
    ])
      expect(matchRoute("GET", path)).toEqual({ kind: "not-found" });
  });

  it("with a broken escape are bad paths, and building needs every parameter", () => {
    for (const segment of ["%", "%zz", "%ff", "%c0%80"])
      expect(() => matchRoute("GET", `/v1/streams/${segment}/records`)).toThrow(/^\[bad_path\]/);
    expect(() => buildPath("read")).toThrow("missing path parameter name=stream");
  });
});
