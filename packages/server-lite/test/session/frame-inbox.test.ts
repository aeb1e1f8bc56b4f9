// What waits in front of an append session while it takes no frame.

import { encodeMessageFrame, encodeUtf8 } from "@s2kit/core";
import { expect, test } from "vitest";
import { FrameInbox } from "../../src/session/frame-inbox.js";
import { Alive } from "../support/alive.js";

test("a crowd of tiny chunks waits in few buffers, and is the frame that it was", async () => {
  const inbox = new FrameInbox(undefined, () => undefined);
  const alive = new Alive();
  const text = "tiny pieces ".repeat(200);
  for (const byte of encodeMessageFrame(encodeUtf8(text)))
    expect(inbox.tryPush(alive.copy(Uint8Array.of(byte)))).toBe(true);
  expect(alive.watched).toBeGreaterThan(2000);
  expect(await alive.count()).toBeLessThan(3);
  const frame = inbox.next();
  expect(frame?.kind === "message" && new TextDecoder().decode(frame.body)).toBe(text);
  expect([inbox.next(), inbox.isEmpty]).toEqual([undefined, true]);
});
