// A server and a copy that is not finished, in a directory: it is refused, and left as it is.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@s2kit/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createServer } from "../../../src/index.js";
import { copySourceOf, markOf, UNMARK } from "../../../src/storage/copy/unfinished-copy.js";
import { openDiskStorage } from "../../../src/storage/disk/engine/open-disk-storage.js";
import type { Mutation } from "../../../src/storage/storage.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "s2kit-half-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function commit(mutation: Mutation): Promise<void> {
  const storage = await openDiskStorage({ directory, clock: systemClock });
  await storage.whenDurable(storage.commit([mutation]).position);
  await storage.close();
}

it("no server opens half a copy, and one opens it when it is whole", async () => {
  await commit(markOf({ storeKey: 7, position: 9 }));
  const refused = createServer({ port: 0, storage: { kind: "disk", directory } });
  await expect(refused.listen()).rejects.toThrow("a copy that was not finished: run the same");
  await refused.close();
  // The refusal let go of the directory, and changed nothing.
  const storage = await openDiskStorage({ directory, clock: systemClock });
  expect(copySourceOf(storage)).toEqual({ storeKey: 7, position: 9 });
  await storage.close();
  await commit(UNMARK);
  const served = createServer({ port: 0, storage: { kind: "disk", directory } });
  expect((await served.listen()).url).toMatch(/^http/);
  await served.close();
});

it("a mark that nobody understands is no store", async () => {
  const key = (markOf({ storeKey: 1, position: 1 }) as { key: Uint8Array }).key;
  await commit({ kind: "put", key, value: Buffer.from("{}") });
  const storage = await openDiskStorage({ directory, clock: systemClock });
  expect(() => copySourceOf(storage)).toThrow("not understood: remove the copy");
  await storage.close();
});
