// Without a pointer: everything is reached by keys, what has the focus is seen, a dialog keeps it and gives it
// back. What a reader of the screen is told comes from the same tree.

import { AppendInput, AppendRecord } from "@s2kit/client";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { hasBrowser, openStudio } from "./harness/browser.js";
import { startServer } from "./harness/server.js";

describe.runIf(hasBrowser)("by keys alone (needs Chromium; S2KIT_CHROMIUM names it)", () => {
  it("a record is found, opened, read and left again, up to the list of basins", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({ basin: "key-basin" });
    await s2.basin("key-basin").streams.create({ stream: "a/deep" });
    const stream = s2.basin("key-basin").stream("a/deep");
    const records = ["first", "second", "third"].map((body) => AppendRecord.string({ body }));
    await stream.append(AppendInput.create(records));
    const { page, complaints } = await openStudio(url, "#/basins");
    const { keyboard } = page;
    await page.getByRole("row", { name: /key-basin/ }).waitFor();
    await keyboard.press("j");
    await keyboard.press("j");
    await keyboard.press("Enter");
    await page.getByRole("row", { name: /a\// }).waitFor();
    await keyboard.press("j");
    await keyboard.press("j");
    await keyboard.press("Enter");
    await page.getByRole("row", { name: /deep/ }).waitFor();
    await keyboard.press("j");
    await keyboard.press("j");
    await keyboard.press("Enter");
    await page.getByText("third").waitFor();
    await keyboard.press("k");
    await keyboard.press("G");
    await keyboard.press("k");
    await keyboard.press("Enter");
    const pane = page.getByRole("complementary", { name: "Record 1" });
    await pane.getByText("second").waitFor();
    await keyboard.press("Escape");
    await pane.waitFor({ state: "detached" });
    // Out of the stream, of the folder, of the basin.
    await keyboard.press("Escape");
    await page.getByRole("row", { name: /a\// }).waitFor();
    await keyboard.press("Escape");
    await page.getByRole("row", { name: /key-basin/ }).waitFor();
    expect(complaints).toEqual([]);
  }, 60_000);

  it("what was typed is not left by a key", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({ basin: "key-basin" });
    await s2.basin("key-basin").streams.create({ stream: "typed" });
    const { page } = await openStudio(url, "#/basins/key-basin/streams/typed/append");
    const body = page.getByRole("textbox", { name: "Body" });
    await body.fill("half a thought");
    await page.keyboard.press("Escape");
    expect(await body.evaluate((element) => element === document.activeElement)).toBe(false);
    await page.keyboard.press("Escape");
    expect(await body.inputValue()).toBe("half a thought");
    await body.press("Control+Enter");
    await page.getByRole("link", { name: "0", exact: true }).waitFor();
  }, 60_000);

  it("a basin is made, with the focus kept in the dialog and given back", async () => {
    const { url } = await startServer();
    const { page } = await openStudio(url, "#/basins");
    await page.getByText("No basins yet").waitFor();
    const opener = page.getByRole("button", { name: "New basin" });
    await opener.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "New basin" });
    await dialog.waitFor();
    expect(await focused(page)).toBe("Name");
    for (let i = 0; i < 25; i++) {
      await page.keyboard.press("Tab");
      // The browser's own bar is the one thing outside that may be reached.
      expect(
        await page.evaluate(
          () => document.activeElement?.matches("body, dialog, dialog *") ?? false,
        ),
      ).toBe(true);
    }
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await focused(page)).toBe("New basin");
    await page.keyboard.press("Enter");
    await page.keyboard.type("made-by-keys");
    await page.keyboard.press("Enter");
    await page.getByText("No streams yet").waitFor();
  }, 60_000);

  it("every stop of Tab on every screen has a name and shows that it has the focus", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({ basin: "key-basin" });
    await s2.basin("key-basin").streams.create({ stream: "typed" });
    const stream = s2.basin("key-basin").stream("typed");
    await stream.append(AppendInput.create([AppendRecord.string({ body: "one" })]));
    const { page } = await openStudio(url);
    for (const [hash, words] of [
      ["#/", "key-basin"],
      ["#/basins", "key-basin"],
      ["#/basins/key-basin", "typed"],
      ["#/basins/key-basin/streams/typed?record=0", "Download the body"],
      ["#/basins/key-basin/streams/typed/append", "Acknowledged"],
      ["#/basins/key-basin/streams/typed/control", "First number to keep"],
      ["#/basins/key-basin/streams/typed/settings", "Delete this stream"],
      ["#/metrics", "Operations on the account"],
      ["#/tokens", "No tokens issued"],
    ] as const) {
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
      await page.locator("main", { hasText: words }).waitFor();
      const stops = await tabStops(page);
      expect(stops.length, hash).toBeGreaterThan(8);
      expect(
        stops.filter(({ name }) => name === ""),
        hash,
      ).toEqual([]);
      expect(
        stops.filter(({ isShown }) => !isShown),
        hash,
      ).toEqual([]);
    }
  }, 60_000);
});

/** The name of what has the focus, as a reader of the screen says it. */
async function focused(page: Page): Promise<string> {
  return await page.evaluate(() => {
    const { activeElement } = document;
    const label = (activeElement as HTMLInputElement | null)?.labels?.[0]?.textContent;
    return label ?? activeElement?.textContent ?? "";
  });
}

interface Stop {
  readonly name: string;
  /** A ring, or a place of its own that it is moved to. */
  readonly isShown: boolean;
  readonly html: string;
}

/** Once around the page by Tab. */
async function tabStops(page: Page): Promise<readonly Stop[]> {
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    getSelection()?.removeAllRanges();
  });
  const stops: Stop[] = [];
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      if (element === null || element === document.body) return undefined;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const holder = element.closest("label") ?? element;
      const ring = getComputedStyle(holder);
      const isRinged = [outlineStyle, ring.outlineStyle].some((style) => style !== "none");
      const name =
        element.getAttribute("aria-label") ??
        element.labels?.[0]?.textContent ??
        element.textContent;
      return {
        name: name.trim(),
        isShown: isRinged && outlineWidth !== "0px" && box.bottom > 0 && box.top < innerHeight,
        html: element.outerHTML.slice(0, 120),
      };
    });
    if (stop === undefined) {
      if (stops.length > 0) break;
      continue;
    }
    stops.push(stop);
  }
  return stops;
}
