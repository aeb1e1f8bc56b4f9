// The rest of the JSON border: configurations and pages of the wrong shape, old servers, odd numbers.

import { describe, expect, it } from "vitest";
import { S2Error } from "../../src/error.js";
import {
  basinConfigFromJson,
  basinReconfigurationFromJson,
  streamConfigFromJson,
  streamReconfigurationFromJson,
} from "../../src/json/config.js";
import { appendAckFromJson, positionFromJson } from "../../src/json/records.js";
import { basinInfoFromJson, basinInfoToJson, pageFromJson } from "../../src/json/resources.js";
import { parseJson } from "../../src/json/shape.js";
import { streamConfigToJson } from "../../src/json/stream-config.js";

const POSITION = { seq_num: 1, timestamp: 2 };

describe("a stream configuration", () => {
  it.each<[string, unknown]>([
    ["not an object", []],
    ["storage class of 65 bytes", { storage_class: "x".repeat(65) }],
    ["storage class of another type", { storage_class: 1 }],
    ["bare infinite", { retention_policy: "infinite" }],
    ["two policies", { retention_policy: { age: 1, infinite: {} } }],
    ["no policy", { retention_policy: {} }],
    ["unknown policy", { retention_policy: { size: 1 } }],
    ["infinite that is no object", { retention_policy: { infinite: true } }],
    ["negative age", { retention_policy: { age: -1 } }],
    ["age that a number cannot hold", { retention_policy: { age: 2 ** 53 } }],
    ["fractional age", { retention_policy: { age: 1.5 } }],
    ["unknown mode", { timestamping: { mode: "server" } }],
    ["uncapped as text", { timestamping: { uncapped: "true" } }],
    ["negative minimum age", { delete_on_empty: { min_age_secs: -1 } }],
  ])("is refused as bad_json: %s", (_, json) => {
    expect(() => streamConfigFromJson(json)).toThrow(/^\[bad_json\]/);
    expect(() => streamReconfigurationFromJson(json)).toThrow(/^\[bad_json\]/);
    expect(() => basinConfigFromJson({ default_stream_config: json })).toThrow(/^\[bad_json\]/);
  });

  it("with an empty delete-on-empty means 0, and shows unset leaves as null", () => {
    expect(streamConfigFromJson({ delete_on_empty: {} }).deleteOnEmpty).toEqual({ minAgeSecs: 0 });
    expect(streamConfigToJson({ storageClass: "standard" })).toEqual({
      storage_class: "standard",
      retention_policy: null,
      timestamping: null,
      delete_on_empty: null,
    });
    expect(streamConfigToJson({ timestamping: { uncapped: false } })).toMatchObject({
      timestamping: { mode: null, uncapped: false },
    });
    expect(streamConfigToJson({ retentionPolicy: { infinite: {} } })).toMatchObject({
      retention_policy: { infinite: {} },
    });
    expect(streamConfigToJson(undefined)).toBeNull();
  });
});

describe("a basin configuration", () => {
  it("takes null flags for their defaults, and a patch keeps them", () => {
    expect(
      basinConfigFromJson({ create_stream_on_append: null, default_stream_config: null }),
    ).toEqual({ createStreamOnAppend: false, createStreamOnRead: false });
    expect(basinReconfigurationFromJson({ create_stream_on_read: null })).toEqual({});
    expect(() => basinConfigFromJson({ stream_cipher: "rot13" })).toThrow(/^\[bad_json\]/);
    expect(() => basinReconfigurationFromJson(null)).toThrow(/^\[bad_json\]/);
  });
});

describe("resources", () => {
  it("show the deprecated state that older clients read", () => {
    const info = { name: "my-basin-1", createdAt: "2024-01-01T00:00:00Z" };
    expect(basinInfoToJson(info)).toMatchObject({ state: "active", deleted_at: null });
    expect(basinInfoToJson({ ...info, deletedAt: "2024-01-02T00:00:00Z" })).toMatchObject({
      state: "deleting",
    });
    expect(() => basinInfoFromJson({ name: "x" })).toThrow("field=body.created_at");
  });

  it("come in pages that say whether there is more", () => {
    expect(() => pageFromJson({ basins: [] }, "basins", basinInfoFromJson)).toThrow(
      "expected a boolean field=has_more",
    );
    expect(() => pageFromJson({ has_more: false }, "basins", basinInfoFromJson)).toThrow(
      "expected an array field=basins",
    );
  });
});

describe("positions", () => {
  it("above 2^53 - 1 are refused and not rounded", () => {
    const read = (text: string): unknown => positionFromJson(JSON.parse(text), "tail");

    expect(() => read('{"seq_num":9007199254740992,"timestamp":0}')).toThrow(
      "[UNSAFE_INTEGER] value is above 2^53 - 1 field=tail.seq_num",
    );
    expect(() => read('{"seq_num":18446744073709551616,"timestamp":0}')).toThrow(S2Error);
    expect(() => read('{"seq_num":"1","timestamp":0}')).toThrow(/^\[bad_json\]/);
  });

  it("of an ack without a tail, from an old server, end where the batch ends", () => {
    expect(appendAckFromJson({ start: POSITION, end: POSITION })).toEqual({
      start: { seqNum: 1, timestamp: 2 },
      end: { seqNum: 1, timestamp: 2 },
      tail: { seqNum: 1, timestamp: 2 },
    });
  });
});

it("JSON that does not parse is refused with the reason", () => {
  expect(() => parseJson("{")).toThrow(/^\[bad_json\] malformed JSON: /);
});
