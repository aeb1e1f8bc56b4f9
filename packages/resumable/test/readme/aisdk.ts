// A snippet of the README, compiled as it is shown. What it does is shown by aisdk.test.ts.

import type { S2 } from "@s2kit/client";
import type { LanguageModel, ModelMessage } from "ai";

declare const s2: S2;
declare const model: LanguageModel;

// #region aisdk
import { createResumableChat } from "@s2kit/resumable/aisdk";
import { streamText } from "ai";

const chat = createResumableChat({ basin: s2.basin("my-chats") });

// POST /api/chat: 200 and events, or 409 while another turn of this chat runs.
export const POST = async (request: Request) => {
  const { id, messages } = (await request.json()) as { id: string; messages: ModelMessage[] };
  return chat.makeResumable(id, () => streamText({ model, messages }).toUIMessageStream());
};

// GET /api/chat/:id/stream: the turn that runs, from its beginning; 204 when none does.
export const GET = (id: string) => chat.replay(id);

// POST /api/chat/:id/stop: ends the turn for all who see it, and cancels its model.
export const STOP = (id: string) => chat.stop(id);
// #endregion
