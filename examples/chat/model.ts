// The model: Anthropic's when ANTHROPIC_API_KEY is set, else a script behind the same API and the same SDK.

import Anthropic from "@anthropic-ai/sdk";
import type { MessageParam } from "@anthropic-ai/sdk/resources/messages";
import { startScriptedApi } from "./scripted-api.ts";

const { ANTHROPIC_API_KEY, CHAT_MODEL = "claude-sonnet-5-5", CHAT_PIECE_MS = "30" } = process.env;

export const isScripted = ANTHROPIC_API_KEY === undefined;

const client = isScripted
  ? new Anthropic({ apiKey: "none", baseURL: await startScriptedApi(Number(CHAT_PIECE_MS)) })
  : new Anthropic({ apiKey: ANTHROPIC_API_KEY });

export const ask = (messages: MessageParam[], signal: AbortSignal) =>
  client.messages.stream({ model: CHAT_MODEL, max_tokens: 1024, messages }, { signal });
