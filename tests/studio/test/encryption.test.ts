// Encrypted streams: the page asks for the key, reads and writes with it, and keeps it in the memory of the tab
// alone: not in the address, not in a storage, not in what is copied.

import { AppendInput, AppendRecord } from "@s2kit/client";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { hasBrowser, openStudio } from "./harness/browser.js";
import { startServer } from "./harness/server.js";

const KEY = Buffer.alloc(32, 7).toString("base64");
const WRONG = Buffer.alloc(32, 8).toString("base64");
const AT = "#/basins/sealed-basin/streams/sealed";

describe.runIf(hasBrowser)("an encrypted stream (needs Chromium; S2KIT_CHROMIUM names it)", () => {
  it.each(["aegis-256", "aes-256-gcm"] as const)(
    "under %s is read and written with a key that is typed in",
    async (streamCipher) => {
      const { url, s2 } = await startServer();
      await s2.basins.create({ basin: "sealed-basin", config: { streamCipher } });
      const basin = s2.basin("sealed-basin");
      await basin.streams.create({ stream: "sealed" });
      const stream = basin.stream("sealed", { encryptionKey: KEY });
      await stream.append(AppendInput.create([AppendRecord.string({ body: "a secret" })]));
      const { page } = await openStudio(url, "#/basins/sealed-basin");
      const row = page.getByRole("row", { name: /sealed/ });
      await row.getByText("encrypted").waitFor();
      await row.click();
      await page.getByText("The records of this stream are encrypted").waitFor();
      await enterKey(page, WRONG);
      await page.getByText("This key does not open the records").waitFor();
      await enterKey(page, KEY);
      await page.getByText("a secret", { exact: true }).waitFor();
      await page.getByText("a secret", { exact: true }).click();
      await page.getByRole("complementary", { name: "Record 0" }).getByText("a secret").waitFor();

      await page.getByRole("link", { name: "Append", exact: true }).click();
      await page.getByRole("textbox", { name: "Body" }).fill("written here");
      await page.getByRole("button", { name: "Append", exact: true }).click();
      await page.getByRole("link", { name: "1", exact: true }).waitFor();
      const { records } = await stream.read({ start: { from: { seqNum: 1 } } });
      expect(records.map(({ body }) => body)).toEqual(["written here"]);
    },
    60_000,
  );

  it("leaves its key in the memory of the tab alone, and copies its name instead", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({ basin: "sealed-basin", config: { streamCipher: "aegis-256" } });
    await s2.basin("sealed-basin").streams.create({ stream: "sealed" });
    const stream = s2.basin("sealed-basin").stream("sealed", { encryptionKey: KEY });
    await stream.append(AppendInput.create([AppendRecord.string({ body: "a secret" })]));
    const { page } = await openStudio(url, AT);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("websocket", (socket) => asked.push(socket.url()));
    await enterKey(page, KEY);
    await page.getByText("a secret", { exact: true }).waitFor();
    for (const [form, words] of [
      ["CLI", '--encryption-key "$S2_ENCRYPTION_KEY"'],
      ["curl", '-H "s2-encryption-key: $S2_ENCRYPTION_KEY"'],
      ["TypeScript", "encryptionKey: process.env.S2_ENCRYPTION_KEY"],
    ] as const) {
      await page.getByRole("button", { name: "Copy as…" }).click();
      await page.getByRole("dialog").getByRole("button", { name: form, exact: true }).click();
      const text = await page.getByLabel("Text to copy").innerText();
      expect(text).toContain(words);
      expect(text).not.toContain(KEY);
      await page.keyboard.press("Escape");
    }
    const kept = await page.evaluate(() =>
      [location.href, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join("\n"),
    );
    expect(kept).not.toContain(KEY);
    expect(await page.content()).not.toContain(KEY);
    expect(asked.filter((each) => decodeURIComponent(each).includes(KEY))).toEqual([]);

    await page.getByRole("button", { name: "Key set" }).click();
    await page.getByRole("button", { name: "Forget the key" }).click();
    await page.getByText("The records of this stream are encrypted").waitFor();
    await enterKey(page, KEY);
    await page.getByText("a secret", { exact: true }).waitFor();
    await page.reload();
    await page.getByText("The records of this stream are encrypted").waitFor();
  }, 60_000);
});

async function enterKey(page: Page, key: string): Promise<void> {
  await page.getByRole("button", { name: "Enter the key" }).click();
  await page.getByLabel("Key", { exact: true }).or(page.getByLabel("Another key")).fill(key);
  await page.getByRole("button", { name: "Use it" }).click();
}
