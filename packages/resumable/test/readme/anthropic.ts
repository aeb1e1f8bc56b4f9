// A snippet of the README, compiled as it is shown. What it does is shown by anthropic.test.ts.

import type Anthropic from "@anthropic-ai/sdk";
import type { MessageParam } from "@anthropic-ai/sdk/resources/messages";
import type { S2 } from "@s2kit/client";

declare const s2: S2;
declare const anthropic: Anthropic;
declare const model: string;

// #region anthropic
import { createResumableChat } from "@s2kit/resumable/anthropic";

const chat = createResumableChat({ basin: s2.basin("my-chats") });

// POST /chats/:id: 202 and {"from": …}, the place of the turn; 409 while another one runs. Without `delivery`: 200 and events.
export const POST = (id: string, messages: MessageParam[]) =>
  chat.makeResumable(
    id,
    ({ signal }) => anthropic.messages.stream({ model, max_tokens: 1024, messages }, { signal }),
    { delivery: "replay" },
  );

// GET /chats/:id?from=…: the turn at that place, also when it is over; without a place the one that runs. 204: no more.
export const GET = (id: string, request: Request) => chat.replay(id, request);

// POST /chats/:id/stop
export const STOP = (id: string) => chat.stop(id);
// #endregion
