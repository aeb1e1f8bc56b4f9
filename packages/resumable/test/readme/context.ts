// A snippet of the README, compiled as it is shown. What it does is shown by context.test.ts and text-client.test.ts.

// #region context
import { S2, S2Environment } from "@s2kit/client";
import { createResumableStreamContext } from "@s2kit/resumable/context";

const s2 = new S2({ accessToken: "any", ...S2Environment.parse() });
const context = createResumableStreamContext({ basin: s2.basin("my-chats"), waitUntil: null });

// POST /texts/:id: begins the text, or resumes the one that runs. null when it is over.
export const POST = (id: string, say: () => ReadableStream<string>) =>
  context.resumableStream(id, say);

// GET /texts/:id: events for `readText` in a page, from any place, also when it is over.
export const GET = (id: string, request: Request) => context.replay(id, request);

// As with `resumable-stream`: from character 120. null when it is over, undefined when there is none.
export const REST = (id: string) => context.resumeExistingStream(id, 120);

// POST /texts/:id/stop: ends it for all who read it, and cancels the model, wherever that runs.
export const STOP = (id: string) => context.stopStream(id);
// #endregion
