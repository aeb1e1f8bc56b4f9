// What content types, accept headers and record formats mean.
// Spec: data-plane#which-format-is-spoken.

import { describe, expect, it } from "vitest";
import { mediaKindOf, parseRecordFormat } from "../../src/record/headers.js";

describe("a media type", () => {
  it.each([
    [undefined, "none"],
    ["", "none"],
    [" , application/json", "none"],
    ["application/json", "json"],
    ["APPLICATION/JSON; charset=utf-8", "json"],
    ["application/problem+json", "json"],
    ["text/problem+json", "other"],
    ["application/protobuf", "protobuf"],
    ["application/x-protobuf;q=0.5", "protobuf"],
    ["application/proto", "other"],
    ["s2s/proto", "s2s"],
    [" S2S/Proto ", "s2s"],
    ["text/event-stream, application/json", "event-stream"],
    ["application/json, text/event-stream", "json"],
    ["*/*", "other"],
  ] as const)("%j means %s", (header, kind) => {
    expect(mediaKindOf(header)).toBe(kind);
  });
});

describe("a record format", () => {
  it.each([
    [undefined, "raw"],
    ["raw", "raw"],
    ["json", "raw"],
    [" base64 ", "base64"],
    ["json-binsafe", "base64"],
    ["", undefined],
    ["Base64", undefined],
    ["utf8", undefined],
  ] as const)("%j means %s", (header, format) => {
    expect(parseRecordFormat(header)).toBe(format);
  });
});
