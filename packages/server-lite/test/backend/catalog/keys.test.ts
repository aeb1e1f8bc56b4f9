// The registry of keys: no kind reaches into another's range, and what is written is read back.

import { readFile } from "node:fs/promises";
import { decodeUtf8Lossy, OPERATIONS } from "@s2kit/core";
import { STREAM_CIPHERS } from "@s2kit/core/control";
import {
  anyAccessTokenId,
  anyBasinConfig,
  anyBasinName,
  anyLocationName,
  anyResolvedStreamConfig,
  anyResourceSet,
  anyRfc3339,
  anyStreamName,
} from "@s2kit/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Catalog } from "../../../src/backend/catalog/catalog.js";
import { ACCESS_TOKEN } from "../../../src/backend/catalog/keys/access-token.js";
import {
  ACCOUNT_CHANGE,
  ACCOUNT_VERSION,
} from "../../../src/backend/catalog/keys/account-change.js";
import { AGENDA, MAX_DUE_SECS } from "../../../src/backend/catalog/keys/agenda-entry.js";
import { ALL_KINDS } from "../../../src/backend/catalog/keys/all-kinds.js";
import { BASIN } from "../../../src/backend/catalog/keys/basin.js";
import { CENSUS } from "../../../src/backend/catalog/keys/census-record.js";
import { DEFAULT_LOCATION } from "../../../src/backend/catalog/keys/default-location.js";
import {
  DELETED_BASIN,
  DELETED_STREAM,
  LEAVING_BASIN,
} from "../../../src/backend/catalog/keys/deletion-mark.js";
import { EMPTY_MARK } from "../../../src/backend/catalog/keys/empty-mark.js";
import { type KeyKind, ONLY, put, remove } from "../../../src/backend/catalog/keys/key-kind.js";
import { ROOT_TOKEN } from "../../../src/backend/catalog/keys/root-token.js";
import { STREAM, streamsOf } from "../../../src/backend/catalog/keys/stream.js";
import { STREAM_ID } from "../../../src/backend/catalog/keys/stream-id.js";
import { TOKEN_HASH } from "../../../src/backend/catalog/keys/token-hash.js";
import { BASIN_ROW, PAST_BASIN } from "../../../src/backend/catalog/keys/usage-basin.js";
import { BUCKETS } from "../../../src/backend/catalog/keys/usage-bucket.js";
import { STREAM_ROW } from "../../../src/backend/catalog/keys/usage-stream.js";
import { createMemoryStorage } from "../../../src/storage/memory/memory.js";
import { row } from "../../support/backend-node.js";

const ms = fc.nat({ max: 2 ** 42 });
const secs = fc.nat({ max: 9_999_999_999 });
const bytes = fc.maxSafeNat();
const streamId = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const streamName = fc.record({ basin: anyBasinName(), stream: anyStreamName() });
const hash = fc.base64String({ minLength: 4 });
const ranges = fc.array(fc.tuple(secs, secs));
const readWrite = maybe(fc.record({ read: maybe(fc.boolean()), write: maybe(fc.boolean()) }));
const counts = fc.dictionary(fc.constantFrom("append-ops/express", "op/list-streams"), bytes);

interface Case {
  readonly kind: KeyKind<unknown, unknown>;
  readonly parts: fc.Arbitrary<unknown>;
  readonly value: fc.Arbitrary<unknown>;
}

function kindOf<P, V>(kind: KeyKind<P, V>, parts: fc.Arbitrary<P>, value: fc.Arbitrary<V>): Case {
  return { kind: kind as KeyKind<unknown, unknown>, parts, value };
}

const only = fc.constant(ONLY);

const CASES: readonly Case[] = [
  kindOf(
    BASIN,
    anyBasinName(),
    fc.record({
      createdMs: ms,
      deletedMs: maybe(ms),
      location: anyLocationName(),
      config: anyBasinConfig(),
      requestKey: maybe(hash),
    }),
  ),
  kindOf(
    STREAM,
    streamName,
    fc.record({
      streamId,
      createdMs: ms,
      deletedMs: maybe(ms),
      cipher: maybe(fc.constantFrom(...STREAM_CIPHERS)),
      config: anyResolvedStreamConfig(),
      requestKey: maybe(hash),
      dueSecs: maybe(secs),
    }),
  ),
  kindOf(
    ACCESS_TOKEN,
    anyAccessTokenId(),
    fc.record({
      hash,
      issuedMs: ms,
      expiresAt: maybe(anyRfc3339()),
      autoPrefixStreams: fc.boolean(),
      scope: fc.record({
        basins: maybe(anyResourceSet(anyBasinName())),
        streams: maybe(anyResourceSet(anyStreamName())),
        accessTokens: maybe(anyResourceSet(anyAccessTokenId())),
        opGroups: maybe(fc.record({ account: readWrite, basin: readWrite, stream: readWrite })),
        ops: maybe(fc.subarray([...OPERATIONS])),
      }),
    }),
  ),
  kindOf(TOKEN_HASH, hash, anyAccessTokenId()),
  kindOf(ROOT_TOKEN, only, hash),
  kindOf(STREAM_ID, only, streamId),
  kindOf(DEFAULT_LOCATION, only, anyLocationName()),
  kindOf(CENSUS, only, fc.record({ version: fc.nat(), isClean: fc.boolean() })),
  kindOf(
    AGENDA,
    fc.record({ dueSecs: fc.nat({ max: MAX_DUE_SECS }), streamId }),
    fc.tuple(anyBasinName(), anyStreamName()),
  ),
  kindOf(EMPTY_MARK, streamId, fc.record({ sinceMs: ms, tailSeqNum: bytes })),
  kindOf(DELETED_STREAM, streamName, fc.constant(true)),
  kindOf(DELETED_BASIN, anyBasinName(), fc.constant(true)),
  kindOf(LEAVING_BASIN, anyBasinName(), fc.constant(true)),
  kindOf(ACCOUNT_VERSION, only, bytes),
  kindOf(ACCOUNT_CHANGE, bytes, fc.array(fc.tuple(fc.string(), maybe(fc.string())))),
  ...Object.values(BUCKETS).map((kind) =>
    kindOf(kind, fc.record({ startSecs: secs, scope: anyBasinName() }), counts),
  ),
  kindOf(
    STREAM_ROW,
    streamId,
    fc.record({
      basin: anyBasinName(),
      appended: bytes,
      marks: fc.array(fc.tuple(secs, bytes, bytes, bytes)),
    }),
  ),
  kindOf(
    BASIN_ROW,
    anyBasinName(),
    fc.record({
      meteredBytes: bytes,
      marks: fc.array(fc.tuple(secs, bytes)),
      active: ranges,
      isActive: maybe(fc.boolean()),
    }),
  ),
  kindOf(
    PAST_BASIN,
    fc.record({ untilSecs: secs, basin: anyBasinName() }),
    fc.record({ active: ranges }),
  ),
];

function opened(): Catalog {
  return new Catalog(createMemoryStorage(), { lastPosition: 0 });
}

describe("the kinds of keys", () => {
  it("have prefixes of which none begins another", () => {
    const prefixes = ALL_KINDS.map(({ prefix }) => prefix);
    for (const prefix of prefixes)
      expect(prefixes.filter((other) => other.startsWith(prefix))).toEqual([prefix]);
  });

  it("are all tried here", () => {
    const tried = CASES.map(({ kind }) => kind.prefix);
    expect(tried.sort()).toEqual(ALL_KINDS.map(({ prefix }) => prefix).sort());
  });

  it("are in the table of the storage format", async () => {
    const path = new URL("../../../../../docs/storage-format.md", import.meta.url);
    const page = await readFile(path, "utf8");
    const table = page.slice(page.indexOf("### Keys of metadata"));
    const rows = table.split("\n").filter((line) => line.startsWith("| `"));
    for (const { prefix } of ALL_KINDS) {
      const bucket = /^u\/(minute|hour|day)\/$/.exec(prefix)?.[1];
      const shown = bucket === undefined ? [`\`${prefix}\``] : ["`u/`", `\`${bucket}\``];
      expect(
        rows.filter((line) => shown.every((part) => line.includes(part))),
        prefix,
      ).toHaveLength(1);
    }
  });

  it.each(CASES.map((each) => [each.kind.prefix, each] as const))(
    "%s: what is written is read back, and its key tells its parts",
    (prefix, { kind, parts, value }) => {
      fc.assert(
        fc.property(parts, value, (of, stored) => {
          const catalog = opened();
          catalog.commit([put(kind, of, stored)]);
          expect(catalog.get(kind, of)).toEqual(stored);
          const key = kind.key(of);
          expect(key.startsWith(prefix)).toBe(true);
          expect(kind.partsOf(key.slice(prefix.length))).toEqual(of);
          catalog.commit([remove(kind, of)]);
          expect(catalog.has(kind, of)).toBe(false);
        }),
        { numRuns: 50 },
      );
    },
  );

  it("are found in pages, by the name that their parts are told from", () => {
    const catalog = opened();
    catalog.commit([
      put(AGENDA, { dueSecs: 7, streamId: 12 }, ["test-basin", "b"]),
      put(AGENDA, { dueSecs: 7, streamId: 2 }, ["test-basin", "a"]),
      put(AGENDA, { dueSecs: 100, streamId: 1 }, ["test-basin", "c"]),
      put(DELETED_BASIN, "test-basin", true),
    ]);
    const first = catalog.page(AGENDA, { prefix: "", startAfter: "", limit: 2 });
    expect(first.items.map(({ name }) => AGENDA.partsOf(name).streamId)).toEqual([2, 12]);
    expect(first.hasMore).toBe(true);
    const startAfter = first.items[1]?.name ?? "";
    const rest = catalog.page(AGENDA, { prefix: "", startAfter, limit: 2 });
    expect(rest.items.map(({ value }) => value)).toEqual([["test-basin", "c"]]);
  });

  it("keep the order of numbers, and streams beside those of their basin", () => {
    fc.assert(
      fc.property(secs, secs, streamId, (one, other, id) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        if (less === more) return;
        const name = (startSecs: number): string => BUCKETS.minute.key({ startSecs, scope: "z" });
        expect(name(less) < name(more)).toBe(true);
        const due = (dueSecs: number): string => AGENDA.key({ dueSecs, streamId: id });
        expect(due(less) < due(more)).toBe(true);
      }),
    );
    expect(STREAM.key({ basin: "b", stream: "s" })).toBe(`${STREAM.prefix}${streamsOf("b")}s`);
  });
});

describe("a value that is not understood", () => {
  it.each([
    ["no object", BASIN.key("test-basin"), 7, "wanted=an object found=number"],
    ["a field of another type", BASIN.key("test-basin"), { createdMs: "1" }, "wanted=a number"],
    ["a field that is missing", BASIN.key("test-basin"), { createdMs: 1 }, "wanted=a text"],
    ["a list that is too short", STREAM_ROW.key(1), { basin: "b", appended: 0, marks: [[1]] }, "4"],
    ["a word that is none", STREAM.key({ basin: "b", stream: "s" }), bad(7), "a text"],
  ])("is refused with its key: %s", (_, key, value, why) => {
    const catalog = opened();
    catalog.commit([row(key, value)]);
    const { kind } = CASES.find((each) => key.startsWith(each.kind.prefix)) as Case;
    const parts = kind.partsOf(key.slice(kind.prefix.length));
    expect(() => catalog.get(kind, parts)).toThrow(why);
    expect(() => catalog.get(kind, parts)).toThrow(JSON.stringify(key));
    expect(() => catalog.page(kind, { prefix: "", startAfter: "", limit: 1 })).toThrow(
      JSON.stringify(key),
    );
  });

  it("is text that is no JSON, too", () => {
    const catalog = opened();
    const broken = { ...put(CENSUS, ONLY, { version: 1, isClean: true }) };
    if (broken.kind !== "put") throw new Error("not a put");
    catalog.commit([{ ...broken, value: broken.value.subarray(1) }]);
    expect(() => catalog.get(CENSUS, ONLY)).toThrow(/metadata cannot be read key="n\/census"/);
    expect(decodeUtf8Lossy(broken.key)).toBe("n/census");
  });
});

describe("a configuration of an earlier version", () => {
  it("has the defaults where it says nothing", () => {
    const catalog = opened();
    catalog.commit([row(BASIN.key("b"), { createdMs: 1, location: "local", config: {} })]);
    expect(catalog.basin("b")?.config).toMatchObject({
      createStreamOnAppend: false,
      createStreamOnRead: false,
    });
  });
});

function bad(storageClass: unknown): object {
  return { streamId: 1, createdMs: 1, config: { storageClass } };
}
