// Keeps a copy of the file that send.ts sends: `node receive.ts COPY [--once]`. The copy itself says how far it is, so
// it can be stopped and started at any time.

import { open } from "node:fs/promises";
import { S2, S2Environment } from "@s2kit/client";

const [path = "copy.log", mode] = process.argv.slice(2);
const s2 = new S2({ accessToken: "any", ...S2Environment.parse() });
const stream = s2.basin("example-files").stream("replicated");

// #region receive
const copy = await open(path, "a+");
let length = (await copy.stat()).size;
const start = { from: { seqNum: 0 }, clamp: true };
const pieces =
  mode === "--once"
    ? await stream.readToTail({ start }, { as: "bytes" })
    : await stream.readSession({ start }, { as: "bytes" });
for await (const { headers, body } of pieces) {
  const offset = Number(new TextDecoder().decode(headers[0]?.[1]));
  if (offset > length) throw new Error(`a piece is missing at=${length}`);
  // Pieces that the copy has are skipped; of one that was cut by a crash only the rest is written.
  const rest = body.subarray(length - offset);
  if (rest.length === 0) continue;
  await copy.appendFile(rest);
  length += rest.length;
}
await copy.sync();
// #endregion
console.log(`${length} bytes`);
await copy.close();
await s2.close();
