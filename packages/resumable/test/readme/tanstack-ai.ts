// A snippet of the README, compiled as it is shown. What it does is shown by tanstack-ai.test.ts.

import type { S2 } from "@s2kit/client";
import type { AnyTextAdapter } from "@tanstack/ai";

declare const s2: S2;
declare const model: AnyTextAdapter;

// #region tanstack-ai
import { createDurableRuns } from "@s2kit/resumable/tanstack-ai";
import {
  chat,
  type ModelMessage,
  resumeServerSentEventsResponse,
  type StreamChunk,
  toServerSentEventsResponse,
} from "@tanstack/ai";

const runs = createDurableRuns<StreamChunk>({ basin: s2.basin("my-runs") });

// POST: a run, named by the X-Run-Id of the host's client. GET: the same from any place.
export async function POST(request: Request) {
  const adapter = runs.durability(request);
  const { abortController } = adapter;
  const { messages } = (await request.json()) as { messages: ModelMessage[] };
  const stream = chat({ adapter: model, messages, abortController });
  return toServerSentEventsResponse(stream, { abortController, durability: { adapter } });
}
export const GET = (request: Request) =>
  resumeServerSentEventsResponse({ adapter: runs.durability(request) });

// Ends a run for all who read it, and aborts its producer, wherever that is.
export const STOP = (runId: string) => runs.stop(runId);
// #endregion
