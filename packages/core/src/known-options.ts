// What a caller may name in an object of options, told at once when it is none: a misspelt option
// would otherwise be left out without a word, and a condition or a timeout with it. Spec:
// sdk#configuration.

import { S2Error } from "./error.js";

/** Letters of the longer word that may differ, in one place. */
const MAX_DIFFERENT = 2;

/**
 * Checks that something is an object of options and names nothing else.
 *
 * @param given - undefined and null count as no options
 * @param known - the options that exist
 * @param where - how the object is called where it is documented
 * @throws {S2Error} `INVALID_ARGUMENT` with the wrong name, and the nearest known one or all of
 * them
 */
export function requireKnownOptions(given: unknown, known: readonly string[], where: string): void {
  if (given === undefined || given === null) return;
  if (typeof given !== "object" || Array.isArray(given))
    throw invalidOption(`${where} must be an object of options given=${kindOf(given)}`);
  for (const name in given) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near === undefined ? `it has ${known.join(", ")}` : `did you mean ${near}?`;
    throw invalidOption(`${where} has no such option: ${hint} option=${name}`);
  }
}

/**
 * What kind of value something is, for the message of an error; never the value: it may be secret.
 */
export function kindOf(given: unknown): string {
  if (given === null) return "null";
  return Array.isArray(given) ? "array" : typeof given;
}

function invalidOption(message: string): S2Error {
  return new S2Error({ code: "INVALID_ARGUMENT", message });
}

/** The option that differs by a few letters in one place, or holds the name, or is in it. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const asked = name.toLowerCase();
  return known.find((candidate) => {
    const word = candidate.toLowerCase();
    const differ = Math.max(asked.length, word.length) - sharedEnds(asked, word);
    return (
      differ <= MAX_DIFFERENT || (asked.length > 2 && word.includes(asked)) || asked.endsWith(word)
    );
  });
}

/** Letters that are the same from the start, and from the end. */
function sharedEnds(a: string, b: string): number {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end))
    end++;
  return start + end;
}
