// The files of the page. It has no build: its one import is found by a map, in the packages as they are installed.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";

const built = (name: string): string => fileURLToPath(import.meta.resolve(name));

/** What the page and its imports name, and where that is. */
const MODULES = {
  "@s2kit/resumable/anthropic/client": built("@s2kit/resumable/anthropic/client"),
  "@s2kit/core": built("@s2kit/core"),
  "@s2kit/core/sse": built("@s2kit/core/sse"),
};
const FOLDERS: Readonly<Record<string, string>> = {
  resumable: dirname(MODULES["@s2kit/resumable/anthropic/client"]),
  core: dirname(MODULES["@s2kit/core"]),
};

const importMap = JSON.stringify({
  imports: Object.fromEntries(
    Object.entries(MODULES).map(([name, path]) => [
      name,
      `/modules/${name.split("/")[1]}/${basename(path)}`,
    ]),
  ),
});
const mapHash = createHash("sha256").update(importMap).digest("base64");
const policy = `default-src 'self'; script-src 'self' 'sha256-${mapHash}'; style-src 'self' 'unsafe-inline'; img-src data:`;

export async function fileOf(pathname: string): Promise<Response> {
  if (pathname === "/") {
    const page = await readFile(`${import.meta.dirname}/page.html`, "utf8");
    return new Response(
      page.replace('{ "imports": {} }', () => importMap),
      {
        headers: {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": policy,
        },
      },
    );
  }
  const [, folder, file] = /^\/modules\/(\w+)\/([\w-]+\.js)$/.exec(pathname) ?? [];
  const path =
    pathname === "/page.js"
      ? `${import.meta.dirname}/page.js`
      : folder !== undefined && FOLDERS[folder] !== undefined
        ? `${FOLDERS[folder]}/${file}`
        : undefined;
  const script = path === undefined ? undefined : await readFile(path).catch(() => undefined);
  if (script === undefined) return new Response("not found", { status: 404 });
  return new Response(script, { headers: { "content-type": "text/javascript" } });
}
