// A snippet of the README, compiled as it is shown. What it does is shown by assistant-ui.test.ts.

import type { S2 } from "@s2kit/client";

declare const s2: S2;
declare const after: (promise: Promise<unknown>) => void;

// #region assistant-ui
import { createResumableStore } from "@s2kit/resumable/assistant-ui";
import {
  createResumableAssistantStreamResponse,
  createResumableStreamContext,
} from "assistant-stream/resumable";

const store = createResumableStore({ basin: s2.basin("my-messages") });
const context = createResumableStreamContext({ store, waitUntil: after });

// The host's own responses from here on.
export const POST = (streamId: string) =>
  createResumableAssistantStreamResponse({
    context,
    streamId,
    callback: (controller) => controller.appendText("…"),
  });

// Ends it for all who read it; its producer ends with its next chunk.
export const STOP = (streamId: string) => store.stop(streamId);
// #endregion
