import { setTimeout as sleep } from "node:timers/promises";
import { S2, S2Environment } from "@s2kit/client";
import { createResumableStreamContext } from "@s2kit/resumable/context";

const s2 = new S2({ accessToken: "any", ...S2Environment.parse() });
await s2.basins.ensure({ basin: "my-first-basin" });
const basin = s2.basin("my-first-basin");
const context = createResumableStreamContext({ basin, waitUntil: null });

/** Your model; this one says three words. */
async function* words() {
  for (const word of ["durable ", "before ", "you see it"]) {
    await sleep(200);
    yield word;
  }
}

const id = `text-${Date.now()}`;
const first = await context.resumableStream(id, () => ReadableStream.from(words()));
const second = await context.resumeExistingStream(id, 8); // from character 8: asks no model
for (const text of [first, second]) {
  for await (const piece of text) process.stdout.write(piece);
  console.log();
}
await s2.close();
