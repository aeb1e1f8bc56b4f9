import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StateChange } from "../../../../src/storage/log/state-store.js";
import {
  decodeRun,
  encodeRun,
  RunDamage,
} from "../../../../src/storage/object/format/state-run.js";

const change: fc.Arbitrary<StateChange> = fc.record({
  key: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  value: fc.option(fc.uint8Array({ maxLength: 60 }), { nil: undefined }),
});

const changes: fc.Arbitrary<StateChange[]> = fc
  .uniqueArray(change, { maxLength: 60, selector: ({ key }) => Buffer.from(key).toString("hex") })
  .map((each) => each.sort((a, b) => Buffer.compare(a.key, b.key)));

const bodyOf = (each: Iterable<StateChange>): Uint8Array =>
  Uint8Array.from(Buffer.concat([...encodeRun(each)]));
const plain = (each: readonly StateChange[]): string[] =>
  each.map(
    ({ key, value }) =>
      `${Buffer.from(key).toString("hex")}=${value === undefined ? "gone" : Buffer.from(value).toString("hex")}`,
  );

describe("a run of the state", () => {
  it("comes back as it was written, what is gone included", () => {
    fc.assert(
      fc.property(changes, (each) => {
        expect(plain([...decodeRun(bodyOf(each))].flat())).toEqual(plain(each));
      }),
    );
  });

  it("is read in blocks, however large it is", () => {
    const many = Array.from({ length: 5000 }, (_, number) => ({
      key: Buffer.from(String(number).padStart(8, "0")),
      value: new Uint8Array(50).fill(number),
    }));
    const blocks = [...decodeRun(bodyOf(many))];
    expect(blocks.length).toBeGreaterThan(3);
    expect(blocks.flat().length).toBe(many.length);
  });

  it("with any bit turned, or cut inside a block, is damaged", () => {
    const each = ["a", "b", "c"].map((key) => ({ key: Buffer.from(key), value: Buffer.from(key) }));
    const body = bodyOf(each);
    for (let at = 0; at < body.length; at++) {
      const damaged = Uint8Array.from(body);
      damaged[at] = (damaged[at] as number) ^ 0x10;
      expect(() => [...decodeRun(damaged)], `byte ${at}`).toThrow(RunDamage);
    }
    for (let length = 1; length < body.length; length++)
      expect(() => [...decodeRun(body.slice(0, length))], `length ${length}`).toThrow(RunDamage);
  });

  it("has each key once, and in order", () => {
    const one = { key: Buffer.from("a"), value: undefined };
    expect(() => bodyOf([one, one])).toThrow("keys of a run rise");
    const joined = Buffer.concat([bodyOf([one]), bodyOf([one])]);
    expect(() => [...decodeRun(joined)]).toThrow(RunDamage);
  });
});
