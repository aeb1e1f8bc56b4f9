// A snippet of the README, compiled as it is shown. What it does is shown by anthropic.test.ts.

// #region page
import type { RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages";
import { subscribe } from "@s2kit/resumable/anthropic/client";

export async function show(id: string, from: number, paragraph: HTMLElement): Promise<void> {
  for await (const event of subscribe<RawMessageStreamEvent>({ url: `/chats/${id}`, from }))
    if (event.type === "content_block_delta" && event.delta.type === "text_delta")
      paragraph.append(event.delta.text);
}
// #endregion
