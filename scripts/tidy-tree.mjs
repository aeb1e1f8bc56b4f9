// The house rules that look at many files together: import circles with the edges of types, folders, files
// and functions that have grown too large, classes that are bags of flags. Called by tidy.mjs; proven in
// tidy.test.mjs. What is not yet as it should be stands in `exceptions` with its reason, as it is: the list may
// only shrink.

import { dirname, join } from "node:path";
import ts from "typescript";

const MAX_FOLDER_FILES = 20;
const MAX_FILE_LINES = 250;
/** Long files are listed by steps of so many lines: not each edit of one has to touch the list. */
const FILE_STEP = 50;
const MAX_FUNCTION_LINES = 70;
const MAX_CLASS_FLAGS = 2;

const isSource = (path) => /^(packages|apps)\/[^/]+\/src\//.test(path);

/** A component is mostly markup, where a line is a tag: docs/decisions/0082. */
const isCode = ({ fileName }) => !fileName.endsWith(".tsx");

/**
 * `folders`, `functions` and `flags` say how large each may be: the size it has; `files` the next
 * step of lines above it.
 */
export const exceptions = {
  circles: [],
  files: {
    "packages/server-lite/src/storage/log/group-builder.ts": {
      size: 300,
      reason: "the bytes of the group that is open: one subject, on the way of every append",
    },
  },
  flags: {
    "packages/sim/src/network/link.ts Link": {
      size: 3,
      reason: "beside its union of states: what the queue is at",
    },
  },
  folders: {
    "apps/cli/src/commands": { size: 70, reason: "a table: one file for each command" },
  },
  functions: {},
};

export const treeRules = {
  circle: {
    name: "no import circle",
    remedy: "let both import the types they share from a third file, or hand the value in",
  },
  folder: {
    name: "folder size",
    remedy: `make rooms: at most ${MAX_FOLDER_FILES} files in a folder`,
  },
  file: {
    name: "lines of a file",
    remedy: `split it where two subjects meet, and name both: at most ${MAX_FILE_LINES} lines, or an exception with its reason`,
  },
  function: {
    name: "function length",
    remedy: `name its steps: at most ${MAX_FUNCTION_LINES} lines, or an exception with its reason`,
  },
  flags: {
    name: "flags of a class",
    remedy: `name its states, as a union: at most ${MAX_CLASS_FLAGS} booleans that change in a class`,
  },
  exception: {
    name: "stale exception",
    remedy: "the list in scripts/tidy-tree.mjs may only shrink: make it say what is there now",
  },
};

/**
 * Checks the tree as a whole.
 *
 * @param {ReadonlyMap<string, string>} files - texts by path, sources and tests
 * @param allowed - see {@link exceptions}
 * @returns {string[]} one line of text for each offence
 */
export function checkTree(files, allowed = exceptions) {
  const sources = [...files].filter(([path]) => isSource(path));
  const parsed = sources.map(([path, text]) =>
    ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true),
  );
  return [
    ...checkCircles(parsed, allowed.circles),
    ...checkSizes("folder", folderSizes([...files.keys()]), MAX_FOLDER_FILES, allowed.folders),
    ...checkSizes(
      "file",
      fileSizes(sources.filter(([path]) => isCode({ fileName: path }))),
      MAX_FILE_LINES,
      allowed.files,
    ),
    ...checkSizes(
      "function",
      functionSizes(parsed.filter(isCode)),
      MAX_FUNCTION_LINES,
      allowed.functions,
    ),
    ...checkSizes("flags", flagCounts(parsed), MAX_CLASS_FLAGS, allowed.flags),
  ].toSorted((a, b) => a.localeCompare(b));
}

function offence(rule, place, what) {
  const { name, remedy } = treeRules[rule];
  return `${place} ${name} (${what}): ${remedy}`;
}

function checkSizes(rule, sizes, most, allowed) {
  const known = new Set(sizes.map(({ key }) => key));
  const gone = Object.keys(allowed).filter((key) => !known.has(key));
  const wrong = sizes.flatMap(({ key, place, size }) => {
    const granted = allowed[key]?.size;
    if (size > (granted ?? most)) return [offence(rule, place, size)];
    return granted === undefined || (size === granted && size > most)
      ? []
      : [offence("exception", place, `${granted}, now ${size}`)];
  });
  return [...gone.map((key) => offence("exception", key, "gone")), ...wrong];
}

function folderSizes(paths) {
  const sizes = new Map();
  for (const path of paths) sizes.set(dirname(path), (sizes.get(dirname(path)) ?? 0) + 1);
  return [...sizes].map(([folder, size]) => ({ key: folder, place: folder, size }));
}

/** Lines with comments and blank ones: what a reader scrolls through. */
function fileSizes(sources) {
  return sources.map(([path, text]) => {
    const lines = text.trimEnd().split("\n").length;
    const size = lines > MAX_FILE_LINES ? Math.ceil(lines / FILE_STEP) * FILE_STEP : lines;
    return { key: path, place: path, size };
  });
}

function functionSizes(parsed) {
  return parsed.flatMap((source) => {
    const sizes = new Map();
    const visit = (node) => {
      if (ts.isFunctionLike(node) && node.body !== undefined) {
        const [from, to] = [node.getStart(), node.end].map(
          (at) => source.getLineAndCharacterOfPosition(at).line + 1,
        );
        const key = `${source.fileName} ${nameOf(node)}`;
        const size = to - from + 1;
        // Of several without a name, or overloaded by a name, the largest counts.
        if (size > (sizes.get(key)?.size ?? 0))
          sizes.set(key, { key, place: `${source.fileName}:${from}`, size });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return [...sizes.values()];
  });
}

/** How many booleans of each class can change: whoever reads it must think of all their products. */
function flagCounts(parsed) {
  return parsed.flatMap((source) => {
    const counts = [];
    const visit = (node) => {
      if (ts.isClassLike(node)) {
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        counts.push({
          key: `${source.fileName} ${nameOf(node)}`,
          place: `${source.fileName}:${line}`,
          size: node.members.filter(isFlag).length,
        });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return counts;
  });
}

function isFlag(member) {
  if (!ts.isPropertyDeclaration(member)) return false;
  const isFixed = (member.modifiers ?? []).some(
    ({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword,
  );
  const type = member.type?.getText() ?? member.initializer?.getText() ?? "";
  return !isFixed && /^(boolean|true|false)( \| undefined)?$/.test(type);
}

function nameOf(node) {
  if (ts.isConstructorDeclaration(node)) return "constructor";
  return node.name?.getText() ?? node.parent?.name?.getText() ?? "(anonymous)";
}

function checkCircles(parsed, allowed) {
  const graph = new Map(parsed.map((source) => [source.fileName, []]));
  for (const source of parsed)
    for (const specifier of importsOf(source)) {
      const target = join(dirname(source.fileName), specifier).replace(/\.js$/, ".ts");
      if (graph.has(target)) graph.get(source.fileName).push(target);
    }
  const found = components(graph).map((files) => files.toSorted());
  const granted = allowed.map(({ files }) => files.toSorted().join(" "));
  const isStale = (files) => !found.some((circle) => files.every((file) => circle.includes(file)));
  return [
    ...found
      .filter((circle) => !granted.includes(circle.join(" ")))
      .map((circle) => offence("circle", circle[0], circle.join(", "))),
    ...allowed
      .filter(({ files }) => isStale(files))
      .map(({ files }) => offence("exception", files[0], "no such circle")),
  ];
}

/** What a file imports by relative path: values, types, late, and inside type expressions. */
function importsOf(source) {
  const found = [];
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node))
      found.push(node.moduleSpecifier);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      found.push(node.arguments[0]);
    else if (ts.isImportTypeNode(node)) found.push(node.argument.literal);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found
    .filter((node) => node !== undefined && ts.isStringLiteralLike(node))
    .map((node) => node.text)
    .filter((text) => text.startsWith("."));
}

/** The strongly connected parts of more than one file, or of one that imports itself (Tarjan). */
function components(graph) {
  const [order, low, stack, found] = [new Map(), new Map(), [], []];
  const visit = (file) => {
    order.set(file, order.size);
    low.set(file, order.get(file));
    stack.push(file);
    for (const next of graph.get(file)) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== order.get(file)) return;
    const part = stack.splice(stack.indexOf(file));
    if (part.length > 1 || graph.get(file).includes(file)) found.push(part);
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}
