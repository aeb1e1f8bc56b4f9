// Text of strangers made safe to look at: what terminals and browsers obey instead of show (control
// characters, marks that turn the direction around, invisible ones) is shown by a sign of its own.

/** Control pictures for C0 and DEL; direction and invisible marks by their number. */
const OBEYED =
  /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

/** One line, nothing hidden in it. */
export function printable(text: string): string {
  return text.replace(OBEYED, sign);
}

/** The same for text of several lines: line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(OBEYED, (char) =>
    char === "\n" || char === "\t" ? char : char === "\r" ? "" : sign(char),
  );
}

function sign(char: string): string {
  const code = char.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
}
