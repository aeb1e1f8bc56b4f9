// What is filled in arrives: settings of basins and streams, files, tokens. What cannot be read is said, and
// changes nothing.

import { describe, expect, it } from "vitest";
import { hasBrowser, openStudio } from "./harness/browser.js";
import { connect, ROOT, startServer } from "./harness/server.js";

describe.runIf(hasBrowser)("a form (needs Chromium; S2KIT_CHROMIUM names it)", () => {
  it("of a basin changes what is there, back to what the server says too", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({
      basin: "form-basin",
      config: { createStreamOnRead: true, defaultStreamConfig: { storageClass: "standard" } },
    });
    const { page } = await openStudio(url, "#/basins/form-basin/settings");
    await page.getByLabel("An append makes a missing stream").check();
    await page.getByLabel("Storage class").selectOption("");
    await page.getByLabel("Records are kept").selectOption("age");
    await page.getByLabel("For how long").fill("soon");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText(/expected a duration such as/).waitFor();
    expect(await s2.basins.getConfig({ basin: "form-basin" })).toMatchObject({
      createStreamOnAppend: false,
    });
    await page.getByLabel("For how long").fill("12h");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    const config = await s2.basins.getConfig({ basin: "form-basin" });
    expect(config).toMatchObject({ createStreamOnAppend: true, createStreamOnRead: true });
    expect(config.defaultStreamConfig).toMatchObject({ retentionPolicy: { ageSecs: 43_200 } });
    // What the server says.
    expect(config.defaultStreamConfig?.storageClass).toBe("express");
  });

  it("of a stream says from whom a setting is inherited", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({
      basin: "form-basin",
      config: { defaultStreamConfig: { retentionPolicy: { ageSecs: 172_800 } } },
    });
    const { page } = await openStudio(url, "#/basins/form-basin?new=1");
    await page.getByLabel("Name").fill("from-a-form");
    await page.getByText("Settings that differ").click();
    await page.getByLabel("Records are kept").getByText("2 days (from the basin)").waitFor({
      state: "attached",
    });
    await page.getByLabel("Timestamps").selectOption("arrival");
    await page.getByRole("button", { name: "Make stream" }).click();
    await page.getByText("This stream is empty").waitFor();
    const config = await s2.basin("form-basin").streams.getConfig({ stream: "from-a-form" });
    expect(config).toMatchObject({
      retentionPolicy: { ageSecs: 172_800 },
      timestamping: { mode: "arrival" },
    });
  });

  it("takes a file a record for each line, in batches that stay together", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({ basin: "form-basin" });
    await s2.basin("form-basin").streams.create({ stream: "from-a-file" });
    const { page } = await openStudio(url, "#/basins/form-basin/streams/from-a-file/append");
    const lines = Array.from({ length: 2500 }, (_, i) => `line ${i}`).join("\n");
    await page.getByLabel("As", { exact: true }).selectOption("lines");
    await page.locator("input[type=file]").setInputFiles({
      name: "lines.txt",
      mimeType: "text/plain",
      buffer: Buffer.from(lines),
    });
    await page.getByText("lines.txt").waitFor();
    await page.getByText("Only if…").click();
    await page.getByRole("button", { name: "Use the tail" }).click();
    await expect.poll(() => page.getByLabel("The first record gets number").inputValue()).toBe("0");
    await page.getByRole("button", { name: "Append", exact: true }).click();
    await page.getByText("0 to 2,499").waitFor();
    expect(await page.getByLabel("The first record gets number").inputValue()).toBe("2500");
    // Somebody else was faster: nothing of the second time is written.
    await page.getByLabel("The first record gets number").fill("7");
    await page.getByRole("button", { name: "Append again" }).click();
    await page.getByText("The server refused this").waitFor();
    const { tail } = await s2.basin("form-basin").stream("from-a-file").checkTail();
    expect(tail.seqNum).toBe(2500);
  });

  it("issues a token that may do what was ticked, shows it once, and revokes it", async () => {
    const { url, s2 } = await startServer({ rootToken: ROOT });
    await s2.basins.create({ basin: "form-basin" });
    const { page } = await openStudio(url, "#/tokens");
    await page.getByLabel("Token", { exact: true }).fill(ROOT);
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByText("No tokens issued").waitFor();
    await page.getByRole("button", { name: "Issue a token" }).click();
    await page.getByLabel("Id", { exact: true }).fill("from-a-form");
    await page.getByLabel("create-stream").check();
    await page.getByRole("button", { name: "Issue", exact: true }).click();
    const secret = await page.getByLabel("Token", { exact: true }).innerText();
    await page.getByRole("button", { name: "Close" }).click();
    await expect.poll(() => page.content()).not.toContain(secret);
    const issued = connect(url, secret).basin("form-basin");
    await issued.streams.create({ stream: "made-with-it" });
    await expect(issued.streams.delete({ stream: "made-with-it" })).rejects.toMatchObject({
      status: 403,
    });
    await page.getByRole("button", { name: "Revoke…" }).click();
    await page.getByLabel(/^Type/).fill("from-a-form");
    await page.getByRole("button", { name: "Revoke it for good" }).click();
    await page.getByText("from-a-form is revoked").waitFor();
    await expect(issued.streams.list()).rejects.toMatchObject({ status: 401 });
  });
});
