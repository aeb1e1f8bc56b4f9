// The contract of storage engines as tests: every engine runs this suite, ours and yours. It
// imports vitest, a peer that only test code has. Nothing here knows how an engine stores anything.

import { afterEach, beforeEach, describe } from "vitest";
import type { Bench, StorageSubject } from "./compliance/bench.js";
import { describeCommits, describeDurability, describeMisfits } from "./compliance/commits.js";
import { describeReopen, describeStarts, describeStates } from "./compliance/lifetimes.js";
import { describeMetadata, describeTrimAndDrop } from "./compliance/metadata.js";
import { describeReads, describeSeeks } from "./compliance/reads.js";

/** Declares the compliance tests for one engine. */
export function describeStorage(name: string, makeSubject: () => Promise<StorageSubject>): void {
  describe(`storage compliance of ${name}`, () => {
    const bench = {} as Bench;
    beforeEach(async () => {
      bench.subject = await makeSubject();
      bench.storage = await bench.subject.open();
      bench.reopen = async () => {
        await bench.storage.close();
        bench.storage = await bench.subject.open();
        return bench.storage;
      };
    });
    afterEach(async () => {
      await bench.storage.close();
      await bench.subject.cleanUp();
    });
    describeCommits(bench);
    describeMisfits(bench);
    describeDurability(bench);
    describeReads(bench);
    describeSeeks(bench);
    describeMetadata(bench);
    describeTrimAndDrop(bench);
    describeReopen(bench);
    describeStarts(bench);
    describeStates(bench);
  });
}
