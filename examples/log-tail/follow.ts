// Shows the last lines and then what comes, across restarts: `node follow.ts [checkpoint.json]`. Ctrl-C ends it.

import { readFile, writeFile } from "node:fs/promises";
import { S2, S2Environment } from "@s2kit/client";

const s2 = new S2({ accessToken: "any", ...S2Environment.parse() });
const stream = s2.basin("example-logs").stream("app");
const file = process.argv[2] ?? "checkpoint.json";

// #region follow
const saved = await readFile(file, "utf8").catch(() => undefined);
const from =
  saved === undefined
    ? { tailOffset: 10 }
    : { seqNum: (JSON.parse(saved) as { next: number }).next };

const session = await stream.readSession({ start: { from, clamp: true } });
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void session.cancel()); // the loop ends as after the last record
for await (const record of session) {
  console.log(`${record.seqNum}\t${record.body}`);
  // After the line is out: a crash in between shows it twice, and never not at all.
  await writeFile(file, JSON.stringify({ next: record.seqNum + 1 }));
}
// #endregion
await s2.close();
