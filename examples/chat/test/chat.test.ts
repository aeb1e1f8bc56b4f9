// The chat in a real browser, over real processes, through its list of deaths. The model says the beginning of a word, and the
// rest when the test says so: whatever dies, dies in the middle.

import { describe, expect, it } from "vitest";
import { hasBrowser, openTab } from "./harness/browser.ts";
import { portOf, Script, startS2, startSite, temporaryDirectory } from "./harness/processes.ts";

const BEGUN = "You asked “Why?”, which is quest";
const WHOLE = /^You asked “Why\?”, which is question 1 of this chat\..*That was all\.$/;
/** Where a producer dies: the test waits until it is missed. */
const DEADLY = { leaseMs: 2000 };
/** A picture of the end of each case, for who wants to look. */
const PICTURES = process.env.S2KIT_CHAT_PICTURES;

describe.skipIf(!hasBrowser)("a chat in a browser (needs Chromium)", () => {
  it("shows all of an answer through a reload in the middle of a word, and in a second tab", async () => {
    const script = await Script.start();
    const site = await startSite(await startS2(await temporaryDirectory()), script);
    const tab = await openTab(`${site.url}/#reloads`);
    await tab.ask("Why?");
    await expect.poll(() => tab.text()).toBe(BEGUN);
    const second = await openTab(`${site.url}/#reloads`);
    await tab.page.reload();
    for (const each of [tab, second]) {
      await expect.poll(() => each.text()).toBe(BEGUN);
      expect(await each.state()).toBe("running");
    }
    script.goOn();
    for (const each of [tab, second]) {
      await expect.poll(() => each.state()).toBe("done");
      expect(await each.text()).toMatch(WHOLE);
    }
    // Both see what either asks, and what was answered stays for who comes later.
    await second.ask("And then?");
    await expect.poll(async () => (await tab.answers()).length).toBe(2);
    await expect.poll(() => tab.state()).toBe("done");
    const late = await openTab(`${site.url}/#reloads`);
    await expect.poll(() => late.answers()).toEqual(await tab.answers());
    expect(await late.text()).toContain("question 2 of this chat");
    if (PICTURES !== undefined) await late.page.screenshot({ path: `${PICTURES}/done.png` });
    for (const each of [tab, second, late]) expect(each.complaints).toEqual([]);
  });

  it("waits for a server of streams that was killed, and loses nothing", async () => {
    const [script, directory] = [await Script.start(), await temporaryDirectory()];
    const s2 = await startS2(directory);
    const site = await startSite(s2, script);
    const tab = await openTab(`${site.url}/#server`);
    await tab.ask("Why?");
    await expect.poll(() => tab.text()).toBe(BEGUN);
    await s2.kill();
    script.goOn();
    await startS2(directory, portOf(s2));
    await expect.poll(() => tab.state()).toBe("done");
    expect(await tab.text()).toMatch(WHOLE);
    await tab.page.reload();
    await expect.poll(() => tab.text()).toMatch(WHOLE);
    expect(tab.complaints).toEqual([]);
  });

  it("says that the process which asked the model was killed, and answers what is asked next", async () => {
    const script = await Script.start();
    const s2 = await startS2(await temporaryDirectory());
    const [producer, other] = await Promise.all([
      startSite(s2, script, DEADLY),
      startSite(s2, script, DEADLY),
    ]);
    const tab = await openTab(`${other.url}/#producer`);
    await fetch(`${producer.url}/chats/producer`, { method: "POST", body: "Why?" });
    await expect.poll(() => tab.text()).toBe(BEGUN);
    await producer.kill();
    await expect.poll(() => tab.state()).toBe("failed");
    expect(await tab.text()).toBe(BEGUN);
    if (PICTURES !== undefined) await tab.page.screenshot({ path: `${PICTURES}/failed.png` });
    script.goOn();
    await tab.ask("Are you there?");
    await expect.poll(async () => (await tab.answers()).length).toBe(2);
    await expect.poll(() => tab.state()).toBe("done");
    await tab.page.reload();
    await expect
      .poll(() => tab.answers())
      .toEqual([
        { state: "failed", text: BEGUN },
        { state: "done", text: expect.stringContaining("question 2 of this chat") },
      ]);
    expect(tab.complaints).toEqual([]);
  });

  it("outlives the process that serves it: the page finds it again by itself", async () => {
    const script = await Script.start();
    const s2 = await startS2(await temporaryDirectory());
    const site = await startSite(s2, script, DEADLY);
    const tab = await openTab(`${site.url}/#site`);
    await tab.ask("Why?");
    await expect.poll(() => tab.text()).toBe(BEGUN);
    await site.kill();
    await startSite(s2, script, { ...DEADLY, port: portOf(site) });
    await expect.poll(() => tab.state()).toBe("failed");
    expect(await tab.text()).toBe(BEGUN);
    script.goOn();
    await tab.ask("Are you there?");
    await expect.poll(async () => (await tab.answers()).length).toBe(2);
    await expect.poll(() => tab.state()).toBe("done");
    expect(await tab.text()).toContain("question 2 of this chat");
    expect(tab.complaints).toEqual([]);
  });

  it("is stopped for all who see it, and says so when it is asked twice at once", async () => {
    const script = await Script.start();
    const site = await startSite(await startS2(await temporaryDirectory()), script);
    const tab = await openTab(`${site.url}/#stop`);
    const second = await openTab(`${site.url}/#stop`);
    await tab.ask("Why?");
    await expect.poll(() => second.text()).toBe(BEGUN);
    await second.ask("Me too");
    await expect
      .poll(() => second.page.locator("#notice").textContent())
      .toBe("An answer is still being written.");
    if (PICTURES !== undefined) await second.page.screenshot({ path: `${PICTURES}/running.png` });
    await second.page.getByRole("button", { name: "Stop" }).click();
    for (const each of [tab, second]) {
      await expect.poll(() => each.state()).toBe("done");
      expect(await each.text()).toBe(BEGUN);
      expect(each.complaints).toEqual([]);
    }
  });
});
