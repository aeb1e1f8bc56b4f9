import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dataPrefix,
  keyOf,
  logPrefix,
  manifestPrefix,
  NODES_PREFIX,
  nameOf,
  statePrefix,
} from "../../../../src/storage/object/format/names.js";
import { numberedName, objectName } from "./arbitraries.js";

describe("keys of the bucket", () => {
  it("are written as the layout says", () => {
    const numbered = { shard: 7, epoch: 12, number: 345 };
    const incarnation = "0123456789abcdef0123456789abcdef";
    expect(keyOf({ kind: "cluster" })).toBe("cluster");
    expect(keyOf({ kind: "lease", node: "n-1", incarnation })).toBe(`nodes/n-1.${incarnation}`);
    expect(keyOf({ kind: "manifest", ...numbered })).toBe("s/07/manifest/0000000012/00000345");
    expect(keyOf({ kind: "log", ...numbered })).toBe("s/07/log/0000000012/000000000345");
    expect(keyOf({ kind: "run", ...numbered })).toBe("s/07/state/0000000012-00000345.run");
    expect(keyOf({ kind: "data", ...numbered })).toBe("s/07/data/0000000012-00000345.seg");
  });

  it("lead back to their names", () => {
    fc.assert(
      fc.property(objectName, (name) => {
        expect(nameOf(keyOf(name))).toEqual(name);
      }),
    );
  });

  it("stand for a name only when they are written exactly so", () => {
    const near = fc
      .tuple(objectName, fc.nat(), fc.constantFrom("", "0", "x", "/", ".", " "))
      .map(([name, at, text]) => {
        const key = keyOf(name);
        const cut = at % (key.length + 1);
        return key.slice(0, cut) + text + key.slice(cut + (text === "" ? 1 : 0));
      });
    fc.assert(
      fc.property(near, (key) => {
        const name = nameOf(key);
        if (name !== undefined) expect(keyOf(name)).toBe(key);
      }),
    );
  });

  it.each(["", "Cluster", "nodes/", "nodes/a", "nodes/A.00", "s/1/log/1/1", "s/01/log/0000000001"])(
    "do not include %j",
    (key) => expect(nameOf(key)).toBeUndefined(),
  );

  it("are listed under the prefixes of their kinds, in the order of their numbers", () => {
    fc.assert(
      fc.property(numberedName, numberedName, (name, other) => {
        const prefixes = {
          manifest: manifestPrefix(name.shard, name.epoch),
          log: logPrefix(name.shard, name.epoch),
          run: statePrefix(name.shard),
          data: dataPrefix(name.shard),
        };
        expect(keyOf(name).startsWith(prefixes[name.kind])).toBe(true);
        expect(keyOf(name).startsWith(NODES_PREFIX)).toBe(false);
        const next = {
          ...other,
          kind: name.kind,
          shard: name.shard,
          number: other.number % 10 ** 8,
        };
        const order = next.epoch - name.epoch || next.number - name.number;
        if (order > 0) expect(keyOf(next) > keyOf(name)).toBe(true);
      }),
    );
  });

  it("have no room for numbers that would not be listed in order", () => {
    const name = { kind: "manifest", shard: 0, epoch: 1, number: 10 ** 8 } as const;
    expect(() => keyOf(name)).toThrow("a number fits its key");
    expect(() => keyOf({ ...name, number: 0, shard: 100 })).toThrow("a number fits its key");
    expect(() => keyOf({ ...name, number: -1 })).toThrow("a number fits its key");
  });
});
