// The reference of the packages, made by TypeDoc from the declarations that they publish: one page
// a face. What an editor shows of an export is what the page says.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { Application, LogLevel, type TypeDocOptions } from "typedoc";
import { ROOT } from "../site/documents.ts";
import { anchorsOf } from "../site/markdown.ts";

/**
 * A face of a published package: what is imported, and its declarations from the root of the
 * repository.
 */
export interface Face {
  readonly name: string;
  readonly declarations: string;
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
}

/** Every entry point of every published package that has declarations. */
export function publishedFaces(root: string = ROOT): Face[] {
  return readdirSync(join(root, "packages"))
    .toSorted()
    .flatMap((folder) => {
      const manifest = manifestOf(join(root, "packages", folder));
      if (manifest === undefined || manifest.private === true) return [];
      return Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
        const types = typesOf(target);
        if (types === undefined) return [];
        const name = `${manifest.name}${subpath.slice(1)}`;
        return [{ name, declarations: join("packages", folder, types) }];
      });
    });
}

function manifestOf(directory: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}

/** The declarations of an entry point, by the conditions that Node's ES modules have. */
function typesOf(target: unknown): string | undefined {
  if (typeof target !== "object" || target === null) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    if (condition === "types" && typeof value === "string") return value;
    if (!["node", "import", "default"].includes(condition)) continue;
    const found = typesOf(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The page of a face, from the root of the site. */
export function apiPageOf(name: string): string {
  return `api/${name}.md`;
}

/**
 * The pages by their path in the site.
 *
 * @throws when TypeDoc finds a fault in declarations or in links of their comments
 */
export async function apiPages(root: string = ROOT): Promise<Map<string, string>> {
  const out = mkdtempSync(join(tmpdir(), "s2kit-api-"));
  try {
    const faces = publishedFaces(root);
    const app = await Application.bootstrapWithPlugins(optionsOf(faces, root, out));
    const project = await app.convert();
    if (project === undefined) throw new Error("the declarations do not compile");
    for (const module of project.children ?? [])
      module.name = faces.find((face) => moduleNameOf(face) === module.name)?.name ?? module.name;
    await app.generateOutputs(project);
    if (app.logger.hasErrors()) throw new Error("TypeDoc found faults: see above");
    const pages = readPages(out);
    const missing = faces.filter(({ name }) => !pages.has(apiPageOf(name)));
    // A face with namespaces has a folder.
    const lost = missing.filter(({ name }) => !pages.has(`api/${name}/index.md`));
    if (lost.length > 0) throw new Error(`no page for ${lost.map(({ name }) => name).join(", ")}`);
    return pages;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** As TypeDoc calls an entry point by itself. */
function moduleNameOf({ declarations }: Face): string {
  return declarations.replace(/^packages\//, "").replace(/(\/index)?\.d\.ts$/, "");
}

type Options = TypeDocOptions & Record<string, unknown>;

function optionsOf(faces: readonly Face[], root: string, out: string): Options {
  const tsconfig = join(out, "tsconfig.json");
  const files = faces.map(({ declarations }) => join(root, declarations));
  const compilerOptions = {
    target: "es2024",
    lib: ["es2024", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
    module: "nodenext",
    moduleResolution: "nodenext",
    types: ["node"],
    typeRoots: [join(root, "apps/docs/node_modules/@types")],
    skipLibCheck: true,
    strict: true,
    noEmit: true,
  };
  writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files }));
  return {
    tsconfig,
    entryPoints: files,
    plugin: ["typedoc-plugin-markdown"],
    outputs: [{ name: "markdown", path: join(out, "pages") }],
    logLevel: LogLevel.Warn,
    readme: "none",
    disableSources: true,
    disableGit: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    hideGenerator: true,
    skipErrorChecking: true,
    // Of the markdown plugin: a face is a page.
    router: "module",
    entryFileName: "index",
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    parametersFormat: "table",
    propertiesFormat: "table",
    interfacePropertiesFormat: "table",
    typeDeclarationFormat: "table",
    sanitizeComments: true,
  };
}

function readPages(out: string): Map<string, string> {
  const folder = join(out, "pages");
  const pages = readdirSync(folder, { recursive: true })
    .map((name) => String(name).replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => [`api/${name}`, readFileSync(join(folder, name), "utf8")] as const);
  return withPlainLinks(new Map(pages));
}

/**
 * Rows of tables have anchors in raw HTML, which pages do not have: they go, and links to them lead
 * to the page. The generator also counts rows among headings of the same name; here the heading is
 * the first.
 */
function withPlainLinks(pages: ReadonlyMap<string, string>): Map<string, string> {
  const anchors = new Map([...pages].map(([page, text]) => [page, anchorsOf(text)]));
  return new Map(
    [...pages].map(([page, text]) => {
      const plain = text.replaceAll(/<a id="[^"]+"><\/a> ?/g, "");
      const mended = plain.replaceAll(
        /\[([^\]]*)\]\(([^)#\s]*)#([^)\s]+)\)/g,
        (all, words: string, path: string, anchor: string) => {
          const known = anchors.get(path === "" ? page : posix.join(posix.dirname(page), path));
          if (known === undefined || known.has(anchor)) return all;
          const first = anchor.replace(/-\d+$/, "");
          if (known.has(first)) return `[${words}](${path}#${first})`;
          return path === "" ? words : `[${words}](${path})`;
        },
      );
      return [page, mended];
    }),
  );
}
