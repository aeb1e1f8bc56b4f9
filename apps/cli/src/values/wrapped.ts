// Text for people in lines that fit. Pure.

/**
 * Each line that is too long goes on in others, below where its own text begins: after its indent,
 * or after the first gap of two blanks or more, which separates a term from what it means.
 *
 * @param columns - undefined leaves every line as it is
 */
export function wrapped(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  return text
    .split("\n")
    .flatMap((line) => (line.length <= columns ? [line] : wrappedLine(line, columns)))
    .join("\n");
}

function wrappedLine(line: string, columns: number): string[] {
  const term = /^ *\S+(?: \S+)*? {2,}(?=\S)/.exec(line)?.[0] ?? "";
  const indent = /^ */.exec(line)?.[0] ?? "";
  const hanging = term !== "" && term.length <= columns / 2 ? term : indent;
  const lines: string[] = [];
  let current = hanging;
  let isEmpty = true;
  for (const word of line.slice(hanging.length).split(/ +/)) {
    if (!isEmpty && current.length + 1 + word.length > columns) {
      lines.push(current);
      current = " ".repeat(hanging.length);
      isEmpty = true;
    }
    current += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, current];
}
