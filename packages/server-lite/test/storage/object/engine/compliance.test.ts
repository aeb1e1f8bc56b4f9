import type { ObjectStorageOptions } from "../../../../src/storage/object/engine/object-options.js";
import { describeStorage } from "../../../../src/testing/storage-compliance.js";
import type { Weather } from "../double/simulated-bucket.js";
import { BenchNode, BucketBench } from "./bucket-bench.js";

const ROUGH: Partial<Weather> = {
  lost: 0.1,
  twice: 0.1,
  refused: 0.05,
  falseExists: 0.02,
  slow: 0.05,
  isUnsorted: true,
  pageEntries: 3,
};

const subjects: readonly [string, Partial<Weather>, Partial<ObjectStorageOptions>][] = [
  ["object", {}, {}],
  // What is read has mostly left the memory.
  ["object with a small cache", {}, { cacheBytes: 0, groupBytes: 16 * 1024 }],
  ["object on a rough bucket", ROUGH, { window: 2 }],
  // Everything leaves the log at once, into objects that are merged soon.
  [
    "object that is always rewritten",
    {},
    { logSlots: 2, logBytes: 4096, dataBytes: 16 * 1024, cacheBytes: 0, extentCacheBytes: 0 },
  ],
];

for (const [name, weather, settings] of subjects)
  describeStorage(name, () => {
    const bench = new BucketBench(weather);
    let node = new BenchNode("a");
    let started = 0;
    return Promise.resolve({
      open: (options) => {
        node = new BenchNode(`n${++started}`);
        return bench.open(node, { ...settings, ...options });
      },
      breakMedium: () => {
        node.failure = "rejected";
      },
      cleanUp: () => {
        bench.stop();
        return Promise.resolve();
      },
    });
  });
