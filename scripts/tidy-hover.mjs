// The house rule about what an editor shows: every name that a face of a published package exports has a
// comment of its own where it is declared. Called by tidy.mjs; proven in tidy.test.mjs. It follows names through
// faces by the text alone, without a type checker.

import { posix } from "node:path";
import ts from "typescript";

/** Faces by their files; a published entry point that is missing here is an offence of its own. */
export const faces = [
  "packages/core/src/index.ts",
  "packages/core/src/control.ts",
  "packages/core/src/declarative/index.ts",
  "packages/core/src/server.ts",
  "packages/core/src/sse.ts",
  "packages/core/src/testing/index.ts",
  "packages/client/src/index.ts",
  "packages/client/src/index.node.ts",
  "packages/client/src/transport/handler.ts",
  "packages/client/src/node/node-streams.ts",
  "packages/client/src/testing/index.ts",
  "packages/client/src/streamstore/index.ts",
  "packages/client/src/opentelemetry/index.ts",
  "packages/producer/src/index.ts",
  "packages/producer/src/patterns/index.ts",
  "packages/producer/src/streamstore/index.ts",
  "packages/producer/src/streamstore-patterns/serialization.ts",
  "packages/conformance/src/index.ts",
  "packages/resumable/src/aisdk/index.ts",
  "packages/resumable/src/anthropic/client/index.ts",
  "packages/resumable/src/anthropic/index.ts",
  "packages/resumable/src/anthropic/react/index.ts",
  "packages/resumable/src/assistant-ui/index.ts",
  "packages/resumable/src/context/client/index.ts",
  "packages/resumable/src/context/index.ts",
  "packages/resumable/src/context/react/index.ts",
  "packages/resumable/src/tanstack-ai/index.ts",
  "packages/server-lite/src/index.ts",
  "packages/server-lite/src/opentelemetry/index.ts",
  "packages/server-lite/src/testing/index.ts",
  "packages/server-lite/src/testing/simulation.ts",
  "packages/studio/src/index.ts",
  "packages/yjs/src/index.ts",
];

/** Faces that other packages are seen through. */
const entryPoints = {
  "@s2kit/core": "packages/core/src/index.ts",
  "@s2kit/core/control": "packages/core/src/control.ts",
  "@s2kit/core/server": "packages/core/src/server.ts",
  "@s2kit/core/sse": "packages/core/src/sse.ts",
  "@s2kit/core/testing": "packages/core/src/testing/index.ts",
  "@s2kit/client": "packages/client/src/index.node.ts",
  "@s2kit/client/streamstore": "packages/client/src/streamstore/index.ts",
};

export const hoverRule = {
  name: "hover text of an export",
  remedy: "say in a /** comment */ above its declaration what it is; units, defaults, errors",
};

/**
 * @param {ReadonlyMap<string, string>} files - texts by path
 * @param {readonly string[]} faces - those that are present are looked at
 * @returns {string[]} one line of text for each offence
 */
export function checkHover(files, faceFiles = faces) {
  const seen = new Set();
  return faceFiles
    .filter((face) => files.has(face))
    .flatMap((face) =>
      namesOf(files, face).map(({ name, file }) => declarationOf(files, file, name)),
    )
    .filter(({ isExplained }) => !isExplained)
    .map(({ file, name }) => `${file} ${hoverRule.name} (${name}): ${hoverRule.remedy}`)
    .filter((line) => !seen.has(line) && seen.add(line));
}

/** What a file exports, with the file that each name comes from. */
function namesOf(files, path) {
  const names = [];
  for (const statement of parsed(files, path).statements) {
    if (ts.isExportDeclaration(statement)) {
      const from = statement.moduleSpecifier && target(path, statement.moduleSpecifier.text);
      if (from === undefined || !files.has(from)) continue;
      if (statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause))
        for (const { name, propertyName } of statement.exportClause.elements)
          names.push({ name: (propertyName ?? name).text, file: from });
    } else if (isExported(statement))
      for (const name of declared(statement)) names.push({ name, file: path });
  }
  return names;
}

/** Follows a name to where it is declared. */
function declarationOf(files, path, name, depth = 0) {
  const found = parsed(files, path).statements.filter(
    (statement) => isExported(statement) && declared(statement).includes(name),
  );
  if (found.length > 0) return { file: path, name, isExplained: found.some(isExplained) };
  const further = namesOf(files, path).find((each) => each.name === name && each.file !== path);
  if (further === undefined || depth > 8) return { file: path, name, isExplained: false };
  return declarationOf(files, further.file, name, depth + 1);
}

function isExplained(statement) {
  return ts.getJSDocCommentsAndTags(statement).length > 0;
}

function isExported(statement) {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

function declared(statement) {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  return statement.name === undefined ? [] : [statement.name.text];
}

const cache = new Map();

function parsed(files, path) {
  const text = files.get(path) ?? "";
  const known = cache.get(path);
  if (known?.text === text) return known.file;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  cache.set(path, { text, file });
  return file;
}

function target(from, specifier) {
  if (!specifier.startsWith(".")) return entryPoints[specifier];
  return posix.join(posix.dirname(from), specifier.replace(/\.js$/, ".ts"));
}
