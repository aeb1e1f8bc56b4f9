// Tables in a light frame, for people. Pure. Spec: cli#lists-and-tables, cli#terminals.

/** How a table may look. Plain and as wide as it is, unless said otherwise. */
export interface TableLook {
  /** Columns of the terminal: the widest cells of text are cut to fit, as far as that goes. */
  readonly columns?: number | undefined;
  readonly head?: (text: string) => string;
  readonly rule?: (text: string) => string;
  /** How a cell is shown; gets its text with the blanks that fill its column. */
  readonly cell?: (padded: string, column: number) => string;
}

/** A column is never cut to fewer. */
const MIN_WIDTH = 8;
const CUT = "…";

/** Columns as wide as their longest cell; numbers to the right. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  look: TableLook = {},
): string {
  const { head: asHead = same, rule: asRule = same, cell: asCell = same } = look;
  const widths = fitted(
    head.map((title, column) =>
      Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
    ),
    look.columns,
  );
  const bar = asRule("|");
  const rule = asRule(`+${widths.map((width) => "-".repeat(width + 2)).join("+")}+`);
  const line = (show: (width: number, column: number) => string): string =>
    `${bar}${widths.map((width, column) => ` ${show(width, column)} `).join(bar)}${bar}`;
  const headLine = line((width, column) => asHead(cut(head[column] ?? "", width)));
  const lines = rows.map((row) =>
    line((width, column) => asCell(padded(row[column] ?? "", width), column)),
  );
  return [rule, headLine, rule, ...lines, rule].join("\n");
}

function same(text: string): string {
  return text;
}

/** Takes from the widest column until the table fits, or every column is as small as it may be. */
function fitted(widths: readonly number[], columns: number | undefined): readonly number[] {
  if (columns === undefined) return widths;
  const fitting = [...widths];
  const frame = 3 * widths.length + 1;
  for (;;) {
    const over = fitting.reduce((sum, width) => sum + width, frame) - columns;
    const widest = fitting.indexOf(Math.max(...fitting));
    const width = fitting[widest] ?? 0;
    if (over <= 0 || width <= MIN_WIDTH) return fitting;
    fitting[widest] = Math.max(MIN_WIDTH, width - over);
  }
}

function cut(text: string, width: number): string {
  return text.length <= width ? text.padEnd(width) : `${text.slice(0, width - 1)}${CUT}`;
}

function padded(cell: string, width: number): string {
  return /^-?[0-9][0-9.,]*$/.test(cell) ? cell.padStart(width) : cut(cell, width);
}
