// The tables of docs/spec/control-plane.md as the matrix needs them: which operations a route asks for,
// and which operations a group holds. Read from the page itself, so that what is expected of the server
// comes from what was promised and not from what was built.

import { readFileSync } from "node:fs";

const PAGE: string = readFileSync(
  new URL("../../../../docs/spec/control-plane.md", import.meta.url),
  "utf8",
);

export interface SpecRoute {
  readonly method: string;
  readonly template: string;
  readonly operations: readonly string[];
  readonly statuses: readonly number[];
}

/** Rows of the first table behind a heading, as the texts of their cells. */
function tableBehind(heading: string): readonly (readonly string[])[] {
  const from = PAGE.indexOf(`\n### ${heading}\n`);
  if (from < 0) throw new Error(`the page has no heading ${heading}`);
  const lines = PAGE.slice(from).split("\n");
  const first = lines.findIndex((line) => line.startsWith("| --- "));
  const rows: string[][] = [];
  for (const line of lines.slice(first + 1)) {
    if (!line.startsWith("|")) break;
    rows.push(
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

function codesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** Spec: control-plane#routes. */
export const SPEC_ROUTES: readonly SpecRoute[] = tableBehind("Routes").map(
  ([request = "", operations = "", success = ""]) => {
    const [method = "", template = ""] = (codesIn(request)[0] ?? "").split(" ");
    const own = operations.split(";")[0] ?? "";
    return {
      method,
      template,
      operations: codesIn(own),
      statuses: [...success.matchAll(/\d{3}/g)].map(([status]) => Number(status)),
    };
  },
);

/** Operations by group, such as `account.read`. Spec: control-plane#operations-and-groups. */
export const SPEC_GROUPS: ReadonlyMap<string, readonly string[]> = new Map(
  tableBehind("Operations and groups").map(([group = "", operations = ""]) => [
    group.replace(", ", "."),
    codesIn(operations),
  ]),
);

/** Every operation that a group holds: all there are. */
export const SPEC_OPERATIONS: readonly string[] = [...new Set([...SPEC_GROUPS.values()].flat())];

export function specRouteOf(method: string, template: string): SpecRoute {
  const found = SPEC_ROUTES.find((row) => row.method === method && row.template === template);
  if (found === undefined) throw new Error(`the specification has no ${method} ${template}`);
  return found;
}
