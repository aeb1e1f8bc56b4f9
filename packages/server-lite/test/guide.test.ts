// The server's guide, held to the code: every setting and page that it names exists, and the other
// way round.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { resolveSettings } from "../src/settings.js";
import { call, startServer } from "./support/test-server.js";

const guide = await readFile(new URL("../../../docs/guides/server.md", import.meta.url), "utf8");

/** First cells of the table under a heading. */
function rowsOf(heading: string): string[] {
  const section = guide.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) =>
    [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ""),
  );
}

test("lists the settings that exist, all of them", () => {
  expect(rowsOf("Settings").sort()).toEqual(Object.keys(resolveSettings({})).sort());
});

describe("its pages and its init file", () => {
  test("are what a server answers without a token, and what it applies", async () => {
    const directory = await mkdtemp(join(tmpdir(), "s2kit-guide-"));
    const initFile = join(directory, "init.json");
    await writeFile(initFile, /## Init file\n\n```json\n([\s\S]*?)```/.exec(guide)?.[1] ?? "");
    const { server, url } = await startServer({
      initFile,
      auth: true,
      rootToken: "root-token-of-tests",
    });
    const pages = rowsOf("Pages outside the API");
    expect(pages).toContain("/metrics");
    for (const page of pages)
      expect([page, (await call(url, "GET", page)).status]).toEqual([page, 200]);
    const config = await call(url, "GET", "/v1/streams/events", {
      basin: "my-first-basin",
      headers: { authorization: "Bearer root-token-of-tests" },
    });
    expect(config.json).toMatchObject({
      retention_policy: { infinite: {} },
      delete_on_empty: { min_age_secs: 3600 },
    });
    await server.close();
    await rm(directory, { recursive: true });
  });
});
