// Against a store that is no double: `S2KIT_TEST_S3_URL`, with `S2KIT_TEST_S3_BUCKET` (default: s2kit), which must exist,
// and the AWS variables for credentials and region. What it writes it removes.

import { seededRandom, systemClock } from "@s2kit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bucket, openBucket } from "../../../../src/storage/object/client/open-bucket.js";
import { probeStore } from "../../../../src/storage/object/client/probe-store.js";
import { SteadyStore } from "../../../../src/storage/object/client/steady/steady-store.js";
import { bytesOf, textOf } from "./bucket-harness.js";

const { S2KIT_TEST_S3_URL: endpoint, S2KIT_TEST_S3_BUCKET: bucketName = "s2kit" } = process.env;

describe.skipIf(endpoint === undefined)(
  "a store that is no double (needs S2KIT_TEST_S3_URL)",
  () => {
    let bucket: Bucket;
    let store: SteadyStore;
    const components = { clock: systemClock, random: seededRandom(process.pid) };
    const keys = ["a b", "a+b", "ä€😀", "<&>\"'", "x/y/z", "(1)!*", "q?r=s%20"].map(
      (name) => `n/${name}`,
    );

    beforeAll(async () => {
      const prefix = `s2kit-test-${process.pid}`;
      const options = { bucket: bucketName, endpoint, prefix };
      bucket = await openBucket(options, { clock: systemClock, environment: process.env });
      store = SteadyStore.over(bucket.store, { deadlineMs: 20_000 }, components);
    });

    afterAll(async () => {
      await store.delete([...keys, "large", "race"]);
      bucket.close();
    });

    it("passes the probe", async () => {
      const report = await probeStore(store, {
        ...components,
        skewMs: () => bucket.store.bucketClock.skewMs,
      });
      expect(report.skewMs).toBe(0);
    });

    it("keeps keys of many characters through PUT, LIST, GET and DELETE", async () => {
      for (const key of keys)
        expect(await store.putIfAbsent(key, [bytesOf(key)])).toEqual({ kind: "stored" });
      const { entries } = await store.list("n/");
      expect(entries.map(({ key }) => key).sort()).toEqual([...keys].sort());
      for (const key of keys) expect(textOf(await store.get(key))).toBe(key);
      await store.delete(keys);
      expect(await store.list("n/")).toEqual({ entries: [] });
    });

    it("takes 4 MiB in parts, and gives ranges of them", async () => {
      const part = seededRandom(3).bytes(1024 * 1024);
      expect(await store.putIfAbsent("large", [part, part, part, part])).toEqual({
        kind: "stored",
      });
      expect(await store.get("large", { offset: 2 * part.length - 5, length: 10 })).toEqual(
        new Uint8Array([...part.subarray(-5), ...part.subarray(0, 5)]),
      );
    });

    it("lets one of 50 win, twenty times", async () => {
      for (let round = 0; round < 20; round++) {
        const outcomes = await Promise.all(
          Array.from({ length: 50 }, (_, racer) =>
            bucket.store
              .putIfAbsent("race", [bytesOf(`${racer}`)])
              .catch((error: Error) => ({ kind: error.message })),
          ),
        );
        expect(outcomes.filter(({ kind }) => kind === "stored")).toHaveLength(1);
        await store.delete(["race"]);
      }
    });

    it("knows what is missing, and what bucket is", async () => {
      expect(await store.get("nothing")).toBeUndefined();
      expect(await store.exists("nothing")).toBe(false);
      const options = { bucket: `${bucketName}-not-there`, endpoint };
      const other = await openBucket(options, { clock: systemClock, environment: process.env });
      await expect(other.store.get("nothing")).rejects.toMatchObject({
        failure: expect.stringMatching(/noBucket|denied/),
      });
      other.close();
    });
  },
);
