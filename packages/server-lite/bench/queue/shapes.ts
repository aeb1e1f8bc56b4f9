// The streams of the queue-like load: two queues that make nearly all of the bytes and keep little, and
// three quiet streams whose records end up between them in every data file.

import type { StreamShape } from "./model.js";

export const QUEUE_SHAPES: readonly StreamShape[] = [
  { name: "queue-large", recordBytes: 32_000, batchRecords: 24, keepRecords: 200, weight: 0.89 },
  { name: "queue-small", recordBytes: 900, batchRecords: 100, keepRecords: 3000, weight: 0.1 },
  { name: "quiet-1", recordBytes: 120, batchRecords: 1, weight: 0.002 },
  { name: "quiet-2", recordBytes: 300, batchRecords: 3, weight: 0.006 },
  { name: "slow-trim", recordBytes: 200, batchRecords: 4, keepRecords: 5000, weight: 0.006 },
];
