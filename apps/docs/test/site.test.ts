// The pages of the site without its generator: links, snippets, references and the sidebar. What takes longer, the
// reference of the packages and the generator, is `pnpm docs:site`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SERVER_ERROR_CODES } from "@s2kit/core";
import { beforeAll, describe, expect, it } from "vitest";
import { apiPageOf, publishedFaces } from "../src/reference/api.ts";
import { cliPage, loadCommands } from "../src/reference/cli.ts";
import { LOCAL_ADVICE } from "../src/reference/error-advice.ts";
import { ERRORS_SOURCE, errorsPage } from "../src/reference/errors.ts";
import { makeReferences } from "../src/reference/references.ts";
import { type Assembled, assemble } from "../src/site/assemble.ts";
import { type Document, ROOT, readDocuments } from "../src/site/documents.ts";
import { anchorsOf, linksOf } from "../src/site/markdown.ts";
import { sidebarOf } from "../src/site/navigation.ts";
import { cut, snippetsOf, withSnippets } from "../src/site/snippets.ts";

let documents: ReadonlyMap<string, Document>;
let site: Assembled;

beforeAll(async () => {
  documents = readDocuments();
  site = assemble(documents, await makeReferences(false));
});

describe("the pages", () => {
  it("have no link that does not open, to a page, a heading, a file or a picture", () => {
    expect(site.broken).toEqual([]);
    expect(site.pages.size).toBeGreaterThan(150);
    expect(site.pictures.size).toBeGreaterThan(3);
  });

  it("are all in the sidebar, once", () => {
    const links = sidebarOf(site.pages).flatMap(({ items }) => items.map(({ link }) => link));
    expect(new Set(links).size).toBe(links.length);
    const pages = [...site.pages.keys()].map(
      (page) => `/${page.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, "")}`,
    );
    expect(links.toSorted()).toEqual(pages.toSorted());
  });

  it("show no comment of who writes documents", () => {
    for (const [page, text] of site.pages)
      expect([page, /^<!--/m.test(text)]).toEqual([page, false]);
  });

  it("are told when a link is broken", () => {
    const page = (text: string) =>
      new Map([["docs/a.md", { source: "docs/a.md", page: "a.md", text }]]);
    const broken = (text: string) => assemble(page(`# A\n${text}`), new Map()).broken;
    expect(broken("[a](#a) [b](../package.json) [c](https://example.com) `[d](no.md)`")).toEqual(
      [],
    );
    expect(broken("[a](no.md)")).toEqual(["docs/a.md:2 no.md"]);
    expect(broken("[a](#no)")).toEqual(["site/a.md:2 #no"]);
    expect(broken("![a](images/no.png)")).toEqual(["docs/a.md:2 images/no.png"]);
    expect(linksOf("```\n[a](b.md)\n```\n<!-- [a](c.md) -->\n[a](d.md)")).toEqual([
      { line: 5, target: "d.md" },
    ]);
    expect([...anchorsOf("# A `b` c!\n## x\n## x")]).toEqual(["a-b-c", "x", "x-1"]);
  });
});

describe("code in documents", () => {
  it("is what the files say that it is cut from (`pnpm docs:snippets` writes it)", () => {
    let count = 0;
    for (const { source, text } of documents.values())
      for (const { source: from, shown } of snippetsOf(text)) {
        count += 1;
        expect([source, from, shown]).toEqual([source, from, cut(from)]);
      }
    expect(count).toBeGreaterThan(15);
  });

  it("is found by its comment, and a region that is not there is told", () => {
    const text = "<!-- cut: examples/counter/counter.ts#counter -->\n```ts\nold\n```\n";
    expect(snippetsOf(text)).toEqual([
      { source: "examples/counter/counter.ts#counter", shown: "old" },
    ]);
    expect(withSnippets(text)).toMatch(/^<!-- cut: .*\n```ts\nclass Counter \{/);
    expect(() => cut("examples/counter/counter.ts#none")).toThrow("no such region");
  });

  it("of a shell is run by `pnpm docs:run`, or says why not", () => {
    // A shell block in another language's clothes would be run by nobody.
    for (const { source, text } of documents.values())
      expect([source, /^```(bash|shell|zsh|console)$/m.test(text)]).toEqual([source, false]);
  });
});

describe("what is made from the code", () => {
  it("has every command and every option that a person may give", async () => {
    const reference = await loadCommands();
    const page = cliPage(reference);
    const shown = reference.commands.filter(({ hidden }) => hidden !== true);
    expect(shown.length).toBeGreaterThan(50);
    for (const { name, words, options = [] } of shown) {
      expect(page).toContain(`### s2kit ${words ?? name}\n`);
      for (const option of options.filter(({ hidden }) => hidden !== true))
        expect(page).toMatch(new RegExp(`\`(-\\w, )?--${option.name}[ \`]`));
    }
  });

  it("has every error code, with the facts of the table of core (`pnpm docs:errors` writes it)", () => {
    const page = readFileSync(join(ROOT, ERRORS_SOURCE), "utf8");
    expect(page).toBe(errorsPage());
    for (const code of SERVER_ERROR_CODES) expect(page).toContain(`\n### ${code}\n`);
    expect(page).toContain("### hot_server\n\n*status 502 · retry: yes · safe: yes*");
    const spec = readFileSync(join(ROOT, "docs/spec/sdk.md"), "utf8");
    const local = /Local codes: ([^.]*)\./.exec(spec)?.[1] ?? "";
    const told = [...local.matchAll(/`(\w+)`/g)].map(([, code = ""]) => code);
    expect(told.toSorted()).toEqual(Object.keys(LOCAL_ADVICE).toSorted());
  });

  it("has a page for every face of every published package", () => {
    const names = publishedFaces().map(({ name }) => name);
    expect(names).toContain("@s2kit/client/node-streams");
    expect(names.length).toBeGreaterThan(18);
    expect(apiPageOf("@s2kit/core/control")).toBe("api/@s2kit/core/control.md");
  });
});
