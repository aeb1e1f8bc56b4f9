// Changes inputs: a few edits of bytes, of words that mean something, of JSON as a tree, or of whatever an
// entry knows of its own structure. The same seed makes the same changes.

import { type Random, randomInteger } from "@s2kit/core";
import { type Choose, type Entry, textOf, utf8 } from "./entry.js";

const INTERESTING = [0x00, 0x01, 0x07, 0x08, 0x0a, 0x0d, 0x1a, 0x22, 0x5c, 0x7b, 0x7f, 0x80, 0xff];
const NUMBERS = [
  "0",
  "-0",
  "-1",
  "1e400",
  "0.5",
  "4294967296",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "18446744073709551615",
  "18446744073709551616",
  "00000000000000000000001",
];
const TREE_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  1e308,
  "",
  "\0",
  "\ud800",
  "é",
  "x".repeat(600),
  [],
  {},
  [[]],
  { __proto__: 1 },
  { constructor: { prototype: 1 } },
];
const DEFAULT_MAX_BYTES = 4096;

export class Mutator {
  readonly #entry: Entry;
  readonly #random: Random;
  readonly #choose: Choose;

  constructor(entry: Entry, random: Random) {
    this.#entry = entry;
    this.#random = random;
    this.#choose = (min, max) => randomInteger(random, min, max);
  }

  /** @param others - inputs whose parts may be mixed in */
  next(source: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
    const choose = this.#choose;
    const most = this.#entry.maxBytes ?? DEFAULT_MAX_BYTES;
    let bytes = source;
    for (let edits = choose(1, 4); edits > 0; edits--) {
      const way = choose(0, 9);
      if (way < 2 && this.#entry.restructure !== undefined)
        bytes = this.#entry.restructure(bytes, choose);
      else if (way < 4 && isJson(bytes)) bytes = this.#inTree(bytes);
      else if (way === 4) bytes = this.#withWord(bytes);
      else if (way === 5) bytes = this.#spliced(bytes, others[choose(0, others.length - 1)]);
      else bytes = this.#edited(bytes);
    }
    return bytes.subarray(0, most);
  }

  #edited(source: Uint8Array): Uint8Array {
    const choose = this.#choose;
    const bytes = Buffer.from(source);
    const at = choose(0, bytes.length);
    const length = choose(1, 8);
    switch (choose(0, 7)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << choose(0, 7));
        return bytes;
      case 1:
        if (at < bytes.length) bytes[at] = INTERESTING[choose(0, INTERESTING.length - 1)] as number;
        return bytes;
      case 2:
        return bytes.subarray(0, at);
      case 3:
        return replaced(bytes, at, length, []);
      case 4:
        return replaced(bytes, at, 0, bytes.subarray(at, at + length * length));
      case 5:
        return replaced(bytes, at, 0, this.#random.bytes(length));
      case 6:
        // Small steps at lengths and counts.
        if (at < bytes.length) bytes[at] = (bytes[at] as number) + choose(-2, 2);
        return bytes;
      default:
        return replaced(bytes, at, 0, Buffer.alloc(length * length, bytes[at] ?? 0));
    }
  }

  #withWord(bytes: Uint8Array): Uint8Array {
    const choose = this.#choose;
    const words = [...(this.#entry.words ?? []), ...NUMBERS];
    const word = utf8.encode(words[choose(0, words.length - 1)] as string);
    const text = textOf(bytes);
    const numbers = [...text.matchAll(/\d+/g)];
    const number = numbers[choose(0, Math.max(0, numbers.length - 1))];
    if (number !== undefined && choose(0, 1) === 0)
      return utf8.encode(
        text.slice(0, number.index) +
          textOf(word) +
          text.slice(number.index + (number[0] ?? "").length),
      );
    return replaced(bytes, choose(0, bytes.length), choose(0, 1) * word.length, word);
  }

  #spliced(bytes: Uint8Array, other: Uint8Array = bytes): Uint8Array {
    const choose = this.#choose;
    const from = choose(0, other.length);
    const part = other.subarray(from, choose(from, other.length));
    return replaced(bytes, choose(0, bytes.length), choose(0, 1) * part.length, part);
  }

  #inTree(bytes: Uint8Array): Uint8Array {
    const choose = this.#choose;
    const root: unknown = JSON.parse(textOf(bytes));
    const places: { readonly parent: Record<string, unknown>; readonly key: string }[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const key of Object.keys(value)) {
        places.push({ parent: value as Record<string, unknown>, key });
        visit((value as Record<string, unknown>)[key]);
      }
    };
    visit(root);
    const place = places[choose(0, Math.max(0, places.length - 1))];
    if (place === undefined) return utf8.encode(JSON.stringify(this.#treeValue()));
    const { parent, key } = place;
    const way = choose(0, 3);
    if (way === 0) parent[key] = this.#treeValue();
    else if (way === 1) Reflect.deleteProperty(parent, key);
    else if (way === 2) parent[`${key}x`] = parent[key];
    else if (Array.isArray(parent)) parent.push(...(parent as unknown[]).slice(0, 3));
    else parent[key] = [parent[key]];
    return utf8.encode(JSON.stringify(root));
  }

  #treeValue(): unknown {
    const words = this.#entry.words ?? [];
    const at = this.#choose(0, TREE_VALUES.length + words.length - 1);
    return at < TREE_VALUES.length ? TREE_VALUES[at] : words[at - TREE_VALUES.length];
  }
}

function replaced(
  bytes: Uint8Array,
  at: number,
  length: number,
  by: Uint8Array | readonly number[],
): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), Uint8Array.from(by), bytes.subarray(at + length)]);
}

function isJson(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) return false;
  try {
    JSON.parse(textOf(bytes));
    return true;
  } catch {
    return false;
  }
}
