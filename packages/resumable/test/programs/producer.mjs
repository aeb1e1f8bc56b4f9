// A producer in a process of its own, which the test kills: begins a generation, says two words, and thinks for ever.

import { S2 } from "@s2kit/client";
import { createResumableStreamContext } from "@s2kit/resumable/context";

const [, , url, basin, streamId, leaseDurationMs] = process.argv;
const s2 = new S2({ accessToken: "any", endpoints: { account: url, basin: url } });
const context = createResumableStreamContext({
  basin: s2.basin(basin),
  waitUntil: null,
  leaseDurationMs: Number(leaseDurationMs),
});
const model = new ReadableStream({
  start(controller) {
    controller.enqueue("two ");
    controller.enqueue("words");
  },
});
const stream = await context.resumableStream(streamId, () => model);
for await (const chunk of stream) process.stdout.write(chunk);
