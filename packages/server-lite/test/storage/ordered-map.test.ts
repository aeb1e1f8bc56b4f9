import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endOfPrefix, keyAfter, keyFromString, keyToString } from "../../src/storage/meta-key.js";
import { OrderedMap } from "../../src/storage/ordered-map.js";

const key = fc.uint8Array({ maxLength: 4 }).map(keyToString);

describe("ordered map", () => {
  it("behaves like a sorted list of entries under any sequence of changes", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.option(fc.nat()))), key, (changes, start) => {
        const map = new OrderedMap<number>();
        const model = new Map<string, number>();
        for (const [name, value] of changes) {
          if (value === null) expect(map.delete(name)).toBe(model.delete(name));
          else {
            map.set(name, value);
            model.set(name, value);
          }
        }
        const expected = [...model].filter(([name]) => name >= start).sort(byKey);
        expect([...map.from(start)]).toEqual(expected);
        expect(map.size).toBe(model.size);
      }),
    );
  });

  it("keeps its order over leaves that split and empty", () => {
    const map = new OrderedMap<number>();
    const names = Array.from({ length: 5000 }, (_, i) =>
      String((i * 7919) % 5000).padStart(4, "0"),
    );
    for (const name of names) map.set(name, Number(name));
    expect([...map.from("")].map(([, value]) => value)).toEqual([...Array(5000).keys()]);
    for (const name of names) if (Number(name) % 1000 !== 7) map.delete(name);
    expect([...map.from("")].map(([, value]) => value)).toEqual([7, 1007, 2007, 3007, 4007]);
  });
});

describe("metadata keys", () => {
  it("order as strings as their bytes do", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        const [x, y] = [keyToString(a), keyToString(b)];
        expect(Math.sign(Buffer.compare(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
        expect([...keyFromString(x)]).toEqual([...a]);
        expect(keyAfter(x) > x).toBe(true);
      }),
    );
  });

  it("end a prefix right behind everything under it", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (prefix, rest) => {
        const end = endOfPrefix(keyToString(prefix));
        if (end === undefined) expect(prefix.every((byte) => byte === 0xff)).toBe(true);
        else {
          expect(keyToString(Buffer.concat([prefix, rest])) < end).toBe(true);
          const other = keyToString(rest);
          if (other > keyToString(prefix) && !other.startsWith(keyToString(prefix)))
            expect(other >= end).toBe(true);
        }
      }),
    );
  });
});

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
