// Secrets that can be told anywhere: each is looked for as it is, as base64 at each of three offsets, in both
// alphabets, as hex, as percent-encoding, and without its encoding when it is one.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";

export class Marks {
  readonly #forms = new Map<string, readonly Buffer[]>();

  /** @returns the secret, to be used right there */
  add(name: string, secret: string): string {
    this.#forms.set(name, formsOf(secret));
    return secret;
  }

  /** Which secrets are in it, each with its place. */
  in(place: string, what: string | Uint8Array): string[] {
    const bytes = typeof what === "string" ? Buffer.from(what) : Buffer.from(what);
    return [...this.#forms]
      .filter(([, forms]) => forms.some((form) => bytes.includes(form)))
      .map(([name]) => `${name} in ${place}`);
  }

  /** As {@link Marks.in}, for everything below a directory; names are looked at too. */
  below(directory: string): string[] {
    return readdirSync(directory, { recursive: true }).flatMap((name) => {
      const path = join(directory, String(name));
      const inName = this.in(`the name of ${String(name)}`, String(name));
      return statSync(path).isFile()
        ? [...inName, ...this.in(String(name), readFileSync(path))]
        : inName;
    });
  }

  /** Everything that a value shows of itself: printed, inspected to the ground, and as JSON. */
  shownBy(place: string, value: unknown): string[] {
    const texts = [
      inspect(value, { depth: 30, showHidden: true, maxArrayLength: null, maxStringLength: null }),
      inspect(value),
      String(value),
      jsonOf(value),
    ];
    for (let error = value; error instanceof Error; error = error.cause)
      texts.push(
        error.message,
        error.stack ?? "",
        jsonOf(Object.fromEntries(Object.entries(error))),
      );
    return [...new Set(texts.flatMap((text) => this.in(place, text)))];
  }
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    // What cannot be written as JSON shows nothing in it.
    return "";
  }
}

function formsOf(secret: string): readonly Buffer[] {
  const bytes = Buffer.from(secret);
  const decoded = Buffer.from(secret, "base64");
  const isEncoded = decoded.toString("base64") === secret;
  const texts = [secret, encodeURIComponent(secret), bytes.toString("hex")];
  texts.push(bytes.toString("hex").toUpperCase());
  for (let offset = 0; offset < 3; offset++) texts.push(...asBase64(bytes, offset));
  if (isEncoded) texts.push(decoded.toString("hex"), decoded.toString("base64url"));
  const forms = texts.map((text) => Buffer.from(text));
  return isEncoded ? [...forms, decoded] : forms;
}

/** The characters of base64 that these bytes alone decide, wherever they stand. */
function asBase64(bytes: Buffer, offset: number): string[] {
  const all = Buffer.concat([Buffer.alloc(offset), bytes]);
  const from = Math.ceil((offset * 8) / 6);
  const to = Math.floor((all.length * 8) / 6);
  return (["base64", "base64url"] as const).map((alphabet) =>
    all.toString(alphabet).slice(from, to),
  );
}
