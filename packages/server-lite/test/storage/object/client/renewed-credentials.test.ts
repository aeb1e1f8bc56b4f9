// Keys that expire under load, over real sockets: what is asked meanwhile waits, and nothing fails.

import { seededRandom, systemClock } from "@s2kit/core";
import { expect, it } from "vitest";
import { createCredentials } from "../../../../src/storage/object/client/credentials/credentials.js";
import { openBucket } from "../../../../src/storage/object/client/open-bucket.js";
import { SteadyStore } from "../../../../src/storage/object/client/steady/steady-store.js";
import { startDouble } from "../../../support/bucket-double/double.js";
import { bytesOf } from "./bucket-harness.js";

it("a PUT goes on with new credentials when the old ones have expired", {
  timeout: 60_000,
}, async () => {
  const account = (isExpired: boolean) => ({ secretAccessKey: "s", isExpired });
  const double = await startDouble({ accounts: new Map([["AK1", account(false)]]) });
  let loads = 0;
  const credentials = {
    name: "the test",
    load: async () => createCredentials({ accessKeyId: `AK${++loads}`, secretAccessKey: "s" }),
  };
  let ahead = 0;
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + ahead };
  const environment = { AWS_ENDPOINT_URL: double.url };
  const components = { clock, environment, credentials };
  const bucket = await openBucket({ bucket: "bucket" }, components);
  const failures: string[] = [];
  const hooks = { retrying: ({ failure }: { failure: string }) => void failures.push(failure) };
  const store = SteadyStore.over(
    bucket.store,
    {},
    { clock: systemClock, random: seededRandom(1), hooks },
  );
  await store.putIfAbsent("before", [bytesOf("a")]);
  // As if the keys were in use for a while: new ones are not looked for again at once.
  ahead = 60_000;
  double.change({
    accounts: new Map([
      ["AK1", account(true)],
      ["AK2", account(false)],
    ]),
  });
  const outcomes = await Promise.all(
    ["a", "b", "c"].map((key) => store.putIfAbsent(key, [bytesOf(key)])),
  );
  expect(outcomes).toEqual([{ kind: "stored" }, { kind: "stored" }, { kind: "stored" }]);
  expect(new Set(failures)).toEqual(new Set(["denied"]));
  expect(loads).toBe(2);
  bucket.close();
  await double.close();
});
