// Sends a growing file into a stream, in pieces: `node send.ts FILE [--once]`. Started again it goes on where the
// stream ends, however it was stopped: each piece names the sequence number that it must get.

import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { AppendInput, AppendRecord, S2, S2Environment, SeqNumMismatchError } from "@s2kit/client";

const PIECE_BYTES = 256 * 1024;
const [path = "data.log", mode] = process.argv.slice(2);
const s2 = new S2({ accessToken: "any", ...S2Environment.parse() });
await s2.basins.ensure({ basin: "example-files" });
const files = s2.basin("example-files");
await files.streams.ensure({ stream: "replicated" });
const stream = files.stream("replicated");

// #region send
/** Where the last piece ended: its header says the offset, its body how much. */
async function placeOfEnd(): Promise<{ seqNum: number; offset: number }> {
  const { tail } = await stream.checkTail();
  if (tail.seqNum === 0) return { seqNum: 0, offset: 0 };
  const start = { from: { seqNum: tail.seqNum - 1 } };
  const { records } = await stream.read({ start, stop: { limits: { count: 1 } } }, { as: "bytes" });
  const [last] = records;
  if (last === undefined) throw new Error("the last piece was trimmed");
  const offset = Number(new TextDecoder().decode(last.headers[0]?.[1])) + last.body.length;
  return { seqNum: tail.seqNum, offset };
}

const file = await open(path);
let { seqNum, offset } = await placeOfEnd();
for (;;) {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, offset);
  if (bytesRead > 0) {
    const header = [
      new TextEncoder().encode("offset"),
      new TextEncoder().encode(String(offset)),
    ] as const;
    const piece = AppendRecord.bytes({ body: buffer.subarray(0, bytesRead), headers: [header] });
    // A retry whose first attempt took effect is refused, and is found at its place.
    await stream
      .append(AppendInput.create([piece], { matchSeqNum: seqNum }))
      .catch((error: unknown) => {
        if (!(error instanceof SeqNumMismatchError && error.expectedSeqNum === seqNum + 1))
          throw error;
      });
    offset += bytesRead;
    seqNum += 1;
  } else if (mode === "--once") break;
  else await sleep(200);
}
// #endregion
console.log(`${offset} of ${(await stat(path)).size} bytes in ${seqNum} pieces`);
await file.close();
await s2.close();
