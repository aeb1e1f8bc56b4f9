// What streams hold, seen by the page: hostile names, headers and bodies are text and nothing else; long bodies
// wait to be asked for; ten thousand streams scroll; what a person appends, trims and fences arrives.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppendInput, AppendRecord } from "@s2kit/client";
import { describe, expect, it } from "vitest";
import {
  domNodes,
  expectNoOverflow,
  hasBrowser,
  openStudio,
  shownNumbers,
} from "./harness/browser.js";
import { startServer } from "./harness/server.js";

const MARKUP = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

describe.runIf(hasBrowser)("content (needs Chromium; S2KIT_CHROMIUM names it)", () => {
  it("of strangers is text: markup, direction marks, control characters, broken UTF-8, long names", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({ basin: "hostile-basin" });
    const basin = s2.basin("hostile-basin");
    const names = [`<b>bold</b>`, "right\u202eleft", "n".repeat(512), "new\nline\u0007"];
    for (const stream of names) await basin.streams.create({ stream });
    const stream = basin.stream(names[0] ?? "");
    await stream.append(
      AppendInput.create([
        AppendRecord.string({ body: MARKUP, headers: [[MARKUP, "\u202etxt.exe"]] }),
        AppendRecord.string({ body: "abc\u202edef\u0000\u001b[31m" }),
        AppendRecord.bytes({ body: new Uint8Array([0x61, 0xff, 0xfe, 0xc3, 0x28]) }),
        AppendRecord.string({ body: `{"__proto__":{"x":1},"<i>":"${"y".repeat(100)}"}` }),
      ]),
    );
    const { page, complaints } = await openStudio(url, "#/basins/hostile-basin?view=flat");
    await page.getByText("<b>bold</b>").first().waitFor();
    await page.getByText("right⟨U+202E⟩left").waitFor();
    await page.getByText("new␊line␇").waitFor();
    await expectNoOverflow(page, "the list");
    await page.getByText("<b>bold</b>").first().click();
    await page.getByText(MARKUP).first().waitFor();
    await page.getByText("abc⟨U+202E⟩def␀␛[31m").waitFor();
    await page.getByText("61 ff fe c3 28").waitFor();
    for (const number of [0, 1, 2, 3]) {
      await page.evaluate((at) => {
        location.hash = `${location.hash.split("?")[0]}?record=${at}`;
      }, number);
      await page
        .getByRole("complementary", { name: `Record ${number}` })
        .getByLabel("Body", { exact: true })
        .first()
        .waitFor();
    }
    expect(await page.title()).toBe("s2kit studio");
    expect(await page.locator("main img, main script, main b b").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it("of a MiB is shown when it is asked for, and not before", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({ basin: "large-basin", config: { createStreamOnAppend: true } });
    // As long as a record may be.
    const body = `[${"1,".repeat(524_281)}123]`;
    await s2
      .basin("large-basin")
      .stream("large")
      .append(AppendInput.create([AppendRecord.string({ body })]));
    const { page } = await openStudio(url, "#/basins/large-basin/streams/large?record=0");
    await page.getByText("1.0 MiB:").waitFor();
    expect(await domNodes(page)).toBeLessThan(500);
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText(/The first 200,000 characters/).waitFor();
  });

  it("of a MiB each is followed, by its beginnings alone", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({ basin: "large-basin", config: { createStreamOnAppend: true } });
    const stream = s2.basin("large-basin").stream("large");
    const append = async (name: string): Promise<void> => {
      const body = `${name} ${"x".repeat(1024 * 1024 - 8 - name.length - 1)}`;
      await stream.append(AppendInput.create([AppendRecord.string({ body })]));
    };
    await append("first");
    const { page, complaints } = await openStudio(url, "#/basins/large-basin/streams/large");
    await page.getByText(/^first x/).waitFor();
    for (let i = 0; i < 40; i++) await append(`large-${i}`);
    await page.getByText(/^large-39 x/).waitFor();
    expect(await shownNumbers(page)).toContain(40);
    expect(await page.locator(".grid").evaluate((grid) => grid.textContent.length)).toBeLessThan(
      20_000,
    );
    expect(complaints).toEqual([]);
  }, 60_000);

  it("of ten thousand streams scrolls to the last one with few nodes", async () => {
    const directory = mkdtempSync(join(tmpdir(), "studio-"));
    const initFile = join(directory, "resources.json");
    const streams = Array.from({ length: 10_000 }, (_, i) => ({
      name: `s-${String(i).padStart(5, "0")}`,
    }));
    writeFileSync(initFile, JSON.stringify({ basins: [{ name: "many-streams", streams }] }));
    const { url } = await startServer({ initFile });
    rmSync(directory, { recursive: true });
    const { page } = await openStudio(url, "#/basins/many-streams?view=flat");
    const grid = page.getByRole("grid", { name: "Streams" });
    await grid.getByText("s-00000").waitFor();
    for (
      let page_ = 0;
      page_ < 40 && !(await page.getByText("10,000 streams").isVisible());
      page_++
    ) {
      await grid.evaluate((element) => {
        element.scrollTop = element.scrollHeight;
      });
      await page.waitForTimeout(60);
    }
    await grid.focus();
    await page.keyboard.press("G");
    await grid.getByText("s-09999").waitFor();
    expect(await domNodes(page)).toBeLessThan(1000);
    await page.keyboard.press("Enter");
    await page.getByText("This stream is empty").waitFor();
  }, 120_000);

  it("is told its age as it grows, while nobody touches the page", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({ basin: "ageing-basin" });
    const { page } = await openStudio(url, "#/basins");
    const row = page.getByRole("row", { name: /ageing-basin/ });
    await row.getByText(/^(just now|\d s ago)$/).waitFor();
    await row.getByText(/^1\d s ago$/).waitFor({ timeout: 25_000 });
  }, 40_000);

  it("is made, appended to, fenced, trimmed and deleted from the page", async () => {
    const { url, s2 } = await startServer();
    const { page } = await openStudio(url, "#/basins");
    await page.getByRole("button", { name: "New basin" }).click();
    await page.getByLabel("Name").fill("made-by-hand");
    await page.getByRole("button", { name: "Make basin" }).click();
    await page.getByRole("button", { name: "New stream" }).click();
    await page.getByLabel("Name").fill("by/hand");
    await page.getByRole("button", { name: "Make stream" }).click();
    await page.getByText("This stream is empty").waitFor();

    await page.getByRole("link", { name: "Append", exact: true }).click();
    await page.getByLabel("As", { exact: true }).selectOption("lines");
    await page.getByRole("textbox", { name: "Body" }).fill("one\ntwo\nthree");
    await page.getByRole("button", { name: "Append", exact: true }).click();
    await page.getByText("0 to 2").waitFor();

    await page.getByRole("link", { name: "Fence and trim" }).click();
    await page.getByLabel("New token").fill("writer-1");
    await page.getByRole("button", { name: "Fence…" }).click();
    await page.getByLabel(/^Type/).fill("by/hand");
    await page.getByRole("button", { name: "Fence", exact: true }).click();
    await page.getByText("Fenced; it is record 3").waitFor();

    await page.getByLabel("First number to keep").fill("2");
    await page.getByText("Removes 2 records, 0 to 1.").waitFor();
    await page.getByRole("button", { name: "Trim…" }).click();
    await page.getByLabel(/^Type/).fill("2");
    await page.getByRole("button", { name: "Remove them for good" }).click();
    await page.getByText(/Trim is record 4/).waitFor();
    const { records } = await s2
      .basin("made-by-hand")
      .stream("by/hand")
      .read({ start: { from: { seqNum: 0 } } });
    expect(records.map(({ seqNum }) => seqNum).slice(-3)).toEqual([2, 3, 4]);

    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Delete this stream…" }).click();
    const confirm = page.getByRole("button", { name: "Delete it with all its records" });
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByLabel(/^Type/).fill("by/hand");
    await confirm.click();
    await page.getByText("by/hand is being deleted").waitFor();
  });

  it("is reached by the palette, and copied as a command that names it", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({ basin: "palette-basin" });
    await s2.basin("palette-basin").streams.create({ stream: "it's here" });
    const { page } = await openStudio(url);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("palette");
    await page.getByRole("option", { name: /palette-basin/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "New stream" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("it's");
    await page.getByRole("option", { name: /it's here/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("This stream is empty").waitFor();
    await page.getByRole("button", { name: "Copy as…" }).click();
    await page.getByText(String.raw`s2kit tail -f 's2://palette-basin/it'\''s here'`).waitFor();
  });
});
