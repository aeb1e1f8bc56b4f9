import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Cluster,
  decodeCluster,
  encodeCluster,
} from "../../../../src/storage/object/format/cluster-object.js";
import {
  decodeLease,
  encodeLease,
  leaseName,
} from "../../../../src/storage/object/format/lease-object.js";
import {
  decodeLogObject,
  encodeGroup,
  encodeLogFence,
} from "../../../../src/storage/object/format/log-object.js";
import { decodeEntry, encodeEntry } from "../../../../src/storage/object/format/manifest-entry.js";
import type { NumberedName } from "../../../../src/storage/object/format/names.js";
import {
  HEAD_BYTES,
  isSameHead,
  openObject,
  readHead,
  sealObject,
} from "../../../../src/storage/object/format/sealed-object.js";
import { encodeSmallGroup } from "../claim/history/small-group.js";
import {
  epoch,
  id,
  lease,
  manifestEntry,
  numberedName,
  STORE_KEY,
  shard,
  writer,
} from "./arbitraries.js";

const cluster: fc.Arbitrary<Cluster> = fc.record({
  clusterId: id,
  shards: fc.integer({ min: 1, max: 100 }),
  storeKey: fc.nat(0xffff_ffff),
});

const logName: fc.Arbitrary<NumberedName> = fc.record({
  kind: fc.constant("log" as const),
  shard,
  epoch,
  number: fc.nat(10 ** 12 - 1),
});

const OWNER = { incarnation: "ab".repeat(16), nonce: "cd".repeat(16) };

/** One object of each kind, and what decodes it. */
function samples(): { what: string; bytes: Uint8Array; decode: (bytes: Uint8Array) => unknown }[] {
  const manifest = (number: number): NumberedName => ({
    kind: "manifest",
    shard: 3,
    epoch: 7,
    number,
  });
  const log: NumberedName = { kind: "log", shard: 3, epoch: 7, number: 5 };
  const run: NumberedName = { kind: "run", shard: 3, epoch: 7, number: 1 };
  const owner = { node: "n1", incarnation: OWNER.incarnation };
  const checkpoint = {
    replay: { epoch: 6, slot: 3 },
    sequence: 9,
    position: 40,
    runs: [{ epoch: 6, number: 2 }],
    known: { epoch: 7, slot: 0 },
  };
  const group = encodeSmallGroup(
    { sequence: 9, position: 39, records: ["one", "two"], moved: undefined },
    7,
    STORE_KEY,
  );
  const entryOf = (number: number, parts: Uint8Array[]) => ({
    bytes: joined(parts),
    decode: (bytes: Uint8Array) => decodeEntry(manifest(number), bytes, STORE_KEY),
  });
  const logOf = (parts: Uint8Array[]) => ({
    bytes: joined(parts),
    decode: (bytes: Uint8Array) => decodeLogObject(log, bytes, STORE_KEY),
  });
  const held = { ...owner, seq: 4, url: "http://n1:80", state: "up", shards: [1, 3] } as const;
  const shards = { clusterId: "ef".repeat(16), shards: 8, storeKey: STORE_KEY };
  const entries = [
    [0, { kind: "claim", owner, writer: OWNER }],
    [1, { kind: "open", owner, checkpoint, writer: OWNER }],
    [2, { kind: "checkpoint", owner, checkpoint, writer: OWNER }],
    [3, { kind: "released", owner, checkpoint, writer: OWNER }],
    [4, { kind: "fence", successor: 8, writer: OWNER }],
  ] as const;
  return [
    ...entries.map(([number, entry]) => ({
      what: entry.kind === "fence" ? "a fence of the manifest" : entry.kind,
      ...entryOf(number, encodeEntry(manifest(number), entry, STORE_KEY)),
    })),
    {
      what: "a group",
      ...logOf(encodeGroup(log, { writer: OWNER, durable: 5, offset: 0, group }, STORE_KEY)),
    },
    { what: "a fence of the log", ...logOf(encodeLogFence(log, OWNER, 8, STORE_KEY)) },
    {
      what: "a lease",
      bytes: joined(encodeLease(held, STORE_KEY)),
      decode: (bytes) => decodeLease(leaseName(held), bytes, STORE_KEY),
    },
    { what: "a cluster", bytes: joined(encodeCluster(shards)), decode: decodeCluster },
    {
      what: "a run",
      bytes: joined(sealObject(run, { ...OWNER, kind: "run", body: [group] }, STORE_KEY)),
      decode: (bytes) => openObject(run, bytes, STORE_KEY),
    },
  ];
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

describe("objects of the bucket", () => {
  it("come back as they were written", () => {
    fc.assert(
      fc.property(manifestEntry, ({ name, entry }) => {
        const parts = encodeEntry(name, entry, STORE_KEY);
        expect(decodeEntry(name, joined(parts), STORE_KEY)).toEqual(entry);
      }),
    );
    fc.assert(
      fc.property(lease, (held) => {
        const parts = encodeLease(held, STORE_KEY);
        expect(decodeLease(leaseName(held), joined(parts), STORE_KEY)).toEqual(held);
      }),
    );
    fc.assert(
      fc.property(cluster, (each) => {
        expect(decodeCluster(joined(encodeCluster(each)))).toEqual(each);
      }),
    );
    fc.assert(
      fc.property(logName, writer, (name, by) => {
        const fence = encodeLogFence(name, by, name.epoch + 1, STORE_KEY);
        const found = decodeLogObject(name, joined(fence), STORE_KEY);
        expect(found).toEqual({ kind: "fence", writer: by, successor: name.epoch + 1 });
      }),
    );
  });

  it("carry a group as it is, and what was durable when it was sealed", () => {
    fc.assert(
      fc.property(logName, writer, fc.array(fc.string()), (name, by, records) => {
        const moved = undefined;
        const small = { sequence: 3, position: 8, records, moved };
        const group = encodeSmallGroup(small, name.epoch, STORE_KEY);
        const sealed = { writer: by, durable: name.number, offset: 4096, group };
        const found = decodeLogObject(
          name,
          joined(encodeGroup(name, sealed, STORE_KEY)),
          STORE_KEY,
        );
        expect(found).toMatchObject({
          kind: "group",
          writer: by,
          durable: name.number,
          offset: 4096,
        });
        if (found.kind === "group") expect(Buffer.compare(found.group, group)).toBe(0);
      }),
    );
  });

  it.each(samples())("find every turned bit and every cut: $what", ({ bytes, decode }) => {
    expect(() => decode(bytes)).not.toThrow();
    for (let at = 0; at < bytes.length; at++)
      for (const bit of [1, 0x80]) {
        const damaged = Uint8Array.from(bytes);
        damaged[at] = (damaged[at] as number) ^ bit;
        expect(() => decode(damaged), `byte ${at}`).toThrow(/damaged|newer version/);
      }
    for (let length = 0; length < bytes.length; length++)
      expect(() => decode(bytes.slice(0, length)), `length ${length}`).toThrow("damaged");
    expect(() => decode(joined([bytes, new Uint8Array(1)]))).toThrow("damaged");
  });

  it("are believed only under their own key, and only in their own store", () => {
    fc.assert(
      fc.property(manifestEntry, numberedName, ({ name, entry }, other) => {
        const bytes = joined(encodeEntry(name, entry, STORE_KEY));
        expect(() => decodeEntry(name, bytes, STORE_KEY + 1)).toThrow("head checksum");
        const places = [
          { ...name, epoch: other.epoch === name.epoch ? name.epoch + 1 : other.epoch },
          { ...name, number: (name.number + 1) % 10 ** 8 },
          { ...name, shard: (name.shard + 1) % 100 },
        ];
        for (const elsewhere of places)
          expect(() => decodeEntry(elsewhere, bytes, STORE_KEY)).toThrow("of another key");
      }),
    );
  });

  it("that are damaged are to come from a copy, but for leases, which hold no records", () => {
    const held = { node: "n", incarnation: "ab".repeat(16), seq: 3, url: "", shards: [] };
    const bytes = joined(encodeLease({ ...held, state: "up" }, STORE_KEY));
    bytes[HEAD_BYTES] = (bytes[HEAD_BYTES] as number) ^ 1;
    expect(() => decodeLease(leaseName(held), bytes, STORE_KEY)).toThrow(
      `it is a lease and holds no records, so delete it key=nodes/n.${held.incarnation}`,
    );
    expect(() => decodeCluster(bytes)).toThrow("restore it from a copy key=cluster");
  });

  it("of a newer version say so, with the key", () => {
    const name: NumberedName = { kind: "manifest", shard: 0, epoch: 1, number: 0 };
    const owner = { node: "n1", incarnation: OWNER.incarnation };
    const bytes = joined(encodeEntry(name, { kind: "claim", owner, writer: OWNER }, STORE_KEY));
    const newer = resealed(bytes, (view) => view.setUint16(4, 2, true));
    expect(() => decodeEntry(name, newer, STORE_KEY)).toThrow(
      "upgrade s2kit key=s/00/manifest/0000000001/00000000 format=2 supported=1",
    );
  });

  it("are refused where their kind has no place", () => {
    const claim = {
      kind: "claim",
      owner: { node: "n", incarnation: OWNER.incarnation },
      writer: OWNER,
    } as const;
    const name: NumberedName = { kind: "manifest", shard: 0, epoch: 1, number: 3 };
    const bytes = joined(encodeEntry(name, claim, STORE_KEY));
    expect(() => decodeEntry(name, bytes, STORE_KEY)).toThrow("a claim that does not fit");
    const fence = joined(
      encodeEntry(name, { kind: "fence", successor: 1, writer: OWNER }, STORE_KEY),
    );
    expect(() => decodeEntry(name, fence, STORE_KEY)).toThrow("does not fit");
  });

  it("with a body that nobody would write are refused", () => {
    const name: NumberedName = { kind: "manifest", shard: 0, epoch: 1, number: 0 };
    for (const text of [
      '{"node":"n1" }',
      '{"node":"n1","more":1}',
      '{"node":"N"}',
      "{}",
      "[]",
      "n",
    ]) {
      const body = [Buffer.from(text)];
      const parts = sealObject(name, { ...OWNER, kind: "claim", body }, STORE_KEY);
      expect(() => decodeEntry(name, joined(parts), STORE_KEY), text).toThrow("does not fit");
    }
  });
});

describe("the head of an object", () => {
  it("is read without its body, and tells the same object from any other", () => {
    const name: NumberedName = { kind: "log", shard: 1, epoch: 2, number: 3 };
    const group = encodeSmallGroup(
      { sequence: 1, position: 0, records: ["a"], moved: undefined },
      2,
      STORE_KEY,
    );
    const sealed = (nonce: string, durable: number): Uint8Array =>
      joined(
        encodeGroup(name, { writer: { ...OWNER, nonce }, durable, offset: 0, group }, STORE_KEY),
      );
    const own = sealed(OWNER.nonce, 1);
    const head = readHead(name, own.slice(0, HEAD_BYTES), STORE_KEY);
    expect(head).toMatchObject({ kind: "group", ...OWNER, mark: 1, bodyBytes: group.length });
    expect(isSameHead(own, sealed(OWNER.nonce, 1))).toBe(true);
    expect(isSameHead(own, sealed("00".repeat(16), 1))).toBe(false);
    expect(isSameHead(own, sealed(OWNER.nonce, 2))).toBe(false);
  });
});

/** The object with something else in its head, and the checksum that belongs to it. */
function resealed(bytes: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  change(view);
  view.setUint32(HEAD_BYTES - 4, crc32(copy.subarray(0, HEAD_BYTES - 4), STORE_KEY), true);
  return copy;
}
