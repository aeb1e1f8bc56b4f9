// The house rules no other tool checks, for every source and test file: `node scripts/tidy.mjs`.
// A rule looks at one parsed file and answers the offending places; `remedy` says what to do instead.
// Rules that look at the tree as a whole, with their exceptions, are in tidy-tree.mjs; those about rooms in
// tidy-rooms.mjs; the one that references open is in tidy-references.mjs, that about hover texts in tidy-hover.mjs.
// Each rule is proven to fire by a bad sample in tidy.test.mjs.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { checkHover } from "./tidy-hover.mjs";
import { checkReferences } from "./tidy-references.mjs";
import { checkRooms } from "./tidy-rooms.mjs";
import { checkTree } from "./tidy-tree.mjs";

const MAX_CODE_LINES = 500;
const MAX_COLUMNS = 100;

const AMBIENT_CALLS =
  /^(globalThis\.)?(Date\.now|performance\.now|Math\.random|crypto\.(randomUUID|getRandomValues))$/;
const AMBIENT_TIMERS = /^(globalThis\.)?(setTimeout|setInterval)$/;
const AMBIENT_MODULES = /^(node:)?(timers(\/promises)?|perf_hooks)$/;
const AMBIENT_CRYPTO =
  /^(randomUUID|randomBytes|randomInt|randomFill|randomFillSync|getRandomValues)$/;

const isSource = (path) => /^(packages|apps)\/[^/]+\/src\//.test(path);
// What pages load is smaller with #x, which minifiers shorten; core and server keep what they have.
const isWorded = (path) => /^packages\/(core|server-lite)\/(src|test)\//.test(path);
const isHashed = (path) => /^(packages|apps)\/[^/]+\/(src|test)\//.test(path) && !isWorded(path);
// What the simulation gives to its parts waits for its own turn.
const isGiving = (path) => isSource(path) && !path.startsWith("packages/sim/");
const isTest = (path) => path.endsWith(".test.ts");
const isFace = (path) => /^packages\/[^/]+\/src\/(testing\/)?index(\.node)?\.ts$/.test(path);
const isTimeless = (path) =>
  /^packages\/[^/]+\/src\//.test(path) && !/^packages\/core\/src\/(clock|random)\.ts$/.test(path);

/** `find(file)` answers positions in the text; `node(node)` is asked for each syntax node. */
export const rules = [
  {
    name: "header comment",
    remedy: "begin the file with 2-6 lines: which room this is, who calls it, what it must not do",
    applies: isSource,
    find: ({ text }) => (headerLines(text) >= 2 ? [] : [0]),
  },
  {
    name: "file length",
    remedy: `split the file by room: at most ${MAX_CODE_LINES} lines of code`,
    applies: isSource,
    find: ({ text }) => (codeLines(text) <= MAX_CODE_LINES ? [] : [text.length - 1]),
  },
  {
    name: "comment width",
    remedy: `wrap the comment at ${MAX_COLUMNS} columns: the formatter leaves comments as they are`,
    applies: isSource,
    find: ({ text }) => wideComments(text),
  },
  {
    name: "file name",
    remedy: "name the file after the one thing it exports",
    applies: () => true,
    find: ({ path }) =>
      /^(utils?|helpers?|common|types|misc)(\.test)?\.ts$/.test(basename(path)) ? [0] : [],
  },
  {
    name: "unfinished work",
    remedy: "do it now, or open an issue and drop the note",
    applies: () => true,
    find: ({ text }) => [...text.matchAll(/\b(FIXME|TODO|XXX)\b/g)].map((match) => match.index),
  },
  {
    name: "no default export",
    remedy: "export the thing by its name",
    applies: isSource,
    node: (node) =>
      (ts.isExportAssignment(node) && !node.isExportEquals) ||
      hasModifier(node, ts.SyntaxKind.DefaultKeyword),
  },
  {
    name: "erasable syntax",
    remedy: "use a const object with a union type, a module, or a plain field with an assignment",
    applies: isSource,
    node: (node) =>
      ts.isEnumDeclaration(node) ||
      (ts.isModuleDeclaration(node) && !hasModifier(node, ts.SyntaxKind.DeclareKeyword)) ||
      (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent)),
  },
  {
    name: "privacy by #",
    remedy:
      "write #x outside of core and server-lite: minifiers shorten it, and nobody reaches behind it",
    applies: isHashed,
    node: (node) =>
      ts.isClassElement(node) &&
      !ts.isConstructorDeclaration(node) &&
      hasModifier(node, ts.SyntaxKind.PrivateKeyword),
  },
  {
    name: "privacy by word",
    remedy: "write private in core and server-lite, as their neighbours do",
    applies: isWorded,
    node: ts.isPrivateIdentifier,
  },
  {
    name: "words for what is given",
    remedy: "say Settings for plain values, Components for what is injected, with or without them",
    applies: isGiving,
    node: (node) =>
      (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) &&
      /(Context|Parts|Deps|Dependencies|Surroundings|Env)$/.test(node.name.text),
  },
  {
    name: "no ambient time or chance",
    remedy: "take a Clock or a Random as a component (core/clock.ts, core/random.ts)",
    applies: isTimeless,
    node: isAmbient,
  },
  {
    name: "explicit face",
    remedy: "list the exported names, sorted, values and types apart",
    applies: isFace,
    node: (node) =>
      ts.isExportDeclaration(node) &&
      (!node.exportClause || ts.isNamespaceExport(node.exportClause)),
  },
  {
    name: "no focused or skipped test",
    remedy: "run the test, or state its condition with skipIf and what it needs in its name",
    applies: isTest,
    node: (node) =>
      ts.isPropertyAccessExpression(node) &&
      /^(only|skip|todo)$/.test(node.name.text) &&
      /^(it|test|describe|suite)\b/.test(node.expression.getText()),
  },
  {
    name: "reason to skip",
    remedy: "end the name with what the test needs, such as (needs Linux): the gate tells it",
    applies: isTest,
    node: (node) =>
      ts.isCallExpression(node) &&
      isConditional(node.expression) &&
      node.arguments.length > 1 &&
      ts.isStringLiteralLike(node.arguments[0]) &&
      !/ \(needs [^()]+\)$/.test(node.arguments[0].text),
  },
];

/** `it.skipIf(x)`, `describe.runIf(x).each(y)`: what is then called with a name. */
function isConditional(expression) {
  if (ts.isCallExpression(expression)) return isConditional(expression.expression);
  if (!ts.isPropertyAccessExpression(expression)) return false;
  return /^(skipIf|runIf)$/.test(expression.name.text) || isConditional(expression.expression);
}

/** Checks one file; answers one line of text for each offence. */
export function check(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const active = rules.filter((rule) => rule.applies(path));
  const offences = active.flatMap((rule) =>
    (rule.find?.({ path, text }) ?? []).map((position) => ({ rule, position })),
  );
  const visit = (node) => {
    for (const rule of active)
      if (rule.node?.(node)) offences.push({ rule, position: node.getStart() });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return offences
    .map(({ rule, position }) => ({
      rule,
      line: source.getLineAndCharacterOfPosition(Math.max(position, 0)).line + 1,
    }))
    .sort((a, b) => a.line - b.line)
    .map(({ rule, line }) => `${path}:${line} ${rule.name}: ${rule.remedy}`);
}

function headerLines(text) {
  const ranges = /^\/[/*]/.test(text) ? (ts.getLeadingCommentRanges(text, 0) ?? []) : [];
  const block =
    ranges[0]?.kind === ts.SyntaxKind.MultiLineCommentTrivia ? ranges.slice(0, 1) : ranges;
  return block.reduce((sum, { pos, end }) => sum + text.slice(pos, end).split("\n").length, 0);
}

function codeLines(text) {
  return text.split("\n").filter((line) => !/^\s*($|\/\/|\/\*|\*)/.test(line)).length;
}

/** Where comments that have their lines to themselves are too wide; drawings and samples may be. */
function wideComments(text) {
  return [...text.matchAll(/^[ \t]*(?:\/\/|\/\*\*|\*)(?! {3}).*$/gm)]
    .filter(([line]) => line.length > MAX_COLUMNS)
    .map((match) => match.index);
}

function hasModifier(node, kind) {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind)
  );
}

function isAmbient(node) {
  if (ts.isNewExpression(node))
    return node.expression.getText() === "Date" && !node.arguments?.length;
  if (ts.isPropertyAccessExpression(node)) {
    return AMBIENT_CALLS.test(node.getText()) || AMBIENT_TIMERS.test(node.getText());
  }
  if (ts.isIdentifier(node)) return AMBIENT_TIMERS.test(node.text) && isValue(node);
  if (ts.isImportDeclaration(node)) return AMBIENT_MODULES.test(node.moduleSpecifier.text);
  if (ts.isImportSpecifier(node)) {
    const from = node.parent.parent.parent.moduleSpecifier.text;
    return (
      /^(node:)?crypto$/.test(from) && AMBIENT_CRYPTO.test((node.propertyName ?? node.name).text)
    );
  }
  return false;
}

/** Whether an identifier is used as a value: called or passed on, not declared, not a member's name. */
function isValue(node) {
  const { parent } = node;
  if (ts.isCallExpression(parent)) return true;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent) || ts.isVariableDeclaration(parent))
    return parent.initializer === node;
  return (
    ts.isShorthandPropertyAssignment(parent) ||
    ts.isReturnStatement(parent) ||
    ts.isArrowFunction(parent)
  );
}

/** Documents by path from the root: those beside the root's manifest, and below the named folders. */
function documents(root) {
  const below = ["docs", "deploy", "packages", "apps", "tests", "benchmarks", "examples"].flatMap(
    (folder) => pathsBelow(root, folder),
  );
  const paths = [...readdirSync(root), ...below].filter((path) => path.endsWith(".md"));
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** Files below a folder. What others made is not entered: it is a hundred times as much. */
function pathsBelow(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return /^(node_modules|dist|\.site|\.turbo)$/.test(entry.name) ? [] : pathsBelow(root, path);
  });
}

function sourceFiles(root) {
  const folders = ["packages", "apps", "tests"]
    .filter((area) => existsSync(join(root, area)))
    .flatMap((area) =>
      readdirSync(join(root, area)).flatMap((name) =>
        ["src", "test"].map((part) => `${area}/${name}/${part}`),
      ),
    );
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map(
        (name) => `${folder}/${name.replaceAll("\\", "/")}`,
      ),
    )
    .filter((path) => /\.tsx?$/.test(path) && !path.includes("/generated/"))
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const files = new Map(
    sourceFiles(root).map((path) => [path, readFileSync(join(root, path), "utf8")]),
  );
  const offences = [
    ...[...files].flatMap(([path, text]) => check(path, text)),
    ...checkTree(files),
    ...checkRooms(files),
    ...checkHover(files),
    ...checkReferences(files, documents(root)),
  ];
  for (const offence of offences) console.error(offence);
  console.log(`tidy: ${files.size} files, ${offences.length} offences`);
  process.exit(offences.length === 0 ? 0 : 1);
}
