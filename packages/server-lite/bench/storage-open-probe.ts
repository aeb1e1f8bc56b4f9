// Opens a data directory in a fresh process and says how long the first append took, and how much
// memory the process has then: `storage-open-probe.ts <directory>`.

import { systemClock } from "@s2kit/core";
import { openDiskStorage } from "../src/storage/disk/engine/open-disk-storage.js";
import { appendOf } from "../src/testing/append-source.js";

const start = performance.now();
const storage = await openDiskStorage({ directory: process.argv[2] ?? "", clock: systemClock });
const firstSeqNum = storage.streamState(123_456)?.tail.seqNum ?? 0;
const append = appendOf({ streamId: 123_456, firstSeqNum, bodies: ["x"] });
await storage.whenDurable(storage.commit([append]).position);
const openMs = performance.now() - start;
const listStart = performance.now();
storage.scanMeta({ prefix: Buffer.from("basin/stream-0005"), limit: 1000 });
const listMs = performance.now() - listStart;
process.stdout.write(JSON.stringify({ openMs, listMs, rssBytes: process.memoryUsage().rss }));
await storage.close();
