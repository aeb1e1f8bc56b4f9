// The command of the documents: `node src/main.ts build | dev | errors`. Assembles the pages, then
// lets the generator make a site of them. Ends with 1 and one line for each link that does not
// open.

import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ERRORS_SOURCE, errorsPage } from "./reference/errors.ts";
import { makeReferences } from "./reference/references.ts";
import { assemble } from "./site/assemble.ts";
import { brokenTargets } from "./site/built.ts";
import { ROOT, readDocuments } from "./site/documents.ts";
import { homePage } from "./site/home.ts";
import { sidebarOf } from "./site/navigation.ts";
import { withSnippets } from "./site/snippets.ts";

const HERE = join(import.meta.dirname, "..");
const PAGES = join(HERE, ".site");

const USAGE = `usage: node src/main.ts COMMAND

  build    make the site in apps/docs/dist; fails on a link that does not open
  dev      serve it on this machine; start again after a change of docs/
  snippets write into documents what the files say that their code is cut from
  errors   write ${ERRORS_SOURCE} from the table of codes`;

/** Writes the pages where the generator reads them. @throws when a link does not open */
async function writePages(): Promise<void> {
  const { pages, pictures, broken } = assemble(readDocuments(), await makeReferences(true));
  fail(broken);
  rmSync(PAGES, { recursive: true, force: true });
  for (const [page, text] of [...pages, ["index.md", homePage()] as const]) {
    const path = join(PAGES, page);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  for (const [picture, source] of pictures) cpSync(join(ROOT, source), join(PAGES, picture));
  writeFileSync(join(PAGES, "sidebar.json"), JSON.stringify(sidebarOf(pages)));
  console.log(`${pages.size} pages`);
}

/** Loaded late: most of what this file does needs none of it. */
const generator = (): Promise<typeof import("vitepress")> => import("vitepress");

function fail(broken: readonly string[]): void {
  for (const line of broken) console.error(`does not open: ${line}`);
  if (broken.length > 0) throw new Error(`${broken.length} links do not open`);
}

async function run(command: string | undefined): Promise<void> {
  switch (command ?? "") {
    case "build":
      await writePages();
      await (await generator()).build(HERE);
      fail(brokenTargets(join(HERE, "dist")));
      break;
    case "dev": {
      await writePages();
      const server = await (await generator()).createServer(HERE);
      await server.listen();
      server.printUrls();
      break;
    }
    case "snippets":
      for (const { source, text } of readDocuments().values())
        if (withSnippets(text) !== text) writeFileSync(join(ROOT, source), withSnippets(text));
      break;
    case "errors":
      writeFileSync(join(ROOT, ERRORS_SOURCE), errorsPage());
      break;
    default:
      console.error(USAGE);
      process.exitCode = 2;
  }
}

try {
  await run(process.argv[2]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
