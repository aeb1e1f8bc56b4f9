// The model: Anthropic's when ANTHROPIC_API_KEY is set, else a script behind the same API and the same SDK.

import { setTimeout as sleep } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import type { MessageParam } from "@anthropic-ai/sdk/resources/messages";
import { startScriptedApi } from "./scripted-api.ts";

const { ANTHROPIC_API_KEY, CHAT_MODEL = "claude-sonnet-5-5" } = process.env;

export const isScripted = ANTHROPIC_API_KEY === undefined;

// The SDK itself looks at ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL.
const client = isScripted
  ? scripted((await startScriptedApi(() => sleep(30))).url)
  : new Anthropic();

function scripted(baseURL: string): Anthropic {
  return new Anthropic({ apiKey: "none", baseURL });
}

export const ask = (messages: MessageParam[], signal: AbortSignal) =>
  client.messages.stream({ model: CHAT_MODEL, max_tokens: 1024, messages }, { signal });
