// Names and objects of every kind, drawn at random.

import fc from "fast-check";
import type { Lease } from "../../../../src/storage/object/format/lease-object.js";
import type {
  LogPlace,
  ManifestEntry,
  Owner,
  ShardCheckpoint,
} from "../../../../src/storage/object/format/manifest-entry.js";
import type { NumberedName, ObjectName } from "../../../../src/storage/object/format/names.js";
import type { Writer } from "../../../../src/storage/object/format/sealed-object.js";

export const STORE_KEY = 0x1234_5678;

export const id: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString("hex"));
export const node: fc.Arbitrary<string> = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
export const shard: fc.Arbitrary<number> = fc.nat(99);
export const epoch: fc.Arbitrary<number> = fc.integer({ min: 1, max: 10 ** 10 - 2 });
const number = fc.nat(10 ** 8 - 1);
const slot = fc.nat(10 ** 12 - 1);

export const writer: fc.Arbitrary<Writer> = fc.record({ incarnation: id, nonce: id });

export const numberedName: fc.Arbitrary<NumberedName> = fc.oneof(
  fc.record({ kind: fc.constant("log" as const), shard, epoch, number: slot }),
  fc.record({ kind: fc.constantFrom("manifest", "run", "data"), shard, epoch, number }),
);

export const objectName: fc.Arbitrary<ObjectName> = fc.oneof(
  fc.constant({ kind: "cluster" as const }),
  fc.record({ kind: fc.constant("lease" as const), node, incarnation: id }),
  numberedName,
);

const place: fc.Arbitrary<LogPlace> = fc.record({ epoch, slot });
const checkpoint: fc.Arbitrary<ShardCheckpoint> = fc.record({
  replay: place,
  sequence: fc.integer({ min: 1, max: 2 ** 50 }),
  position: fc.integer({ min: 1, max: 2 ** 50 }),
  runs: fc.array(fc.record({ epoch, number }), { maxLength: 5 }),
  known: place,
});

/** An entry, and a name that it may have. */
export const manifestEntry: fc.Arbitrary<{ name: NumberedName; entry: ManifestEntry }> = fc
  .record({
    kind: fc.constantFrom("claim", "open", "checkpoint", "released", "fence"),
    shard,
    epoch,
    behind: fc.integer({ min: 2, max: 10 ** 8 - 1 }),
    writer,
    node,
    checkpoint,
  })
  .map(({ kind, shard: of, epoch: at, behind, writer: by, node: name, checkpoint: carried }) => {
    const owner: Owner = { node: name, incarnation: by.incarnation };
    const numbers = { claim: 0, open: 1, checkpoint: behind, released: behind, fence: behind };
    const entry: ManifestEntry =
      kind === "claim"
        ? { kind, owner, writer: by }
        : kind === "fence"
          ? { kind, successor: at + 1, writer: by }
          : { kind, owner, checkpoint: carried, writer: by };
    return { name: { kind: "manifest", shard: of, epoch: at, number: numbers[kind] }, entry };
  });

export const lease: fc.Arbitrary<Lease> = fc.record({
  node,
  incarnation: id,
  seq: fc.nat(),
  url: fc.oneof(fc.constant(""), fc.webUrl()),
  state: fc.constantFrom("up", "draining"),
  shards: fc.uniqueArray(shard, { maxLength: 8 }).map((shards) => shards.sort((a, b) => a - b)),
});
