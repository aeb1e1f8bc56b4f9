// Bodies that people may want to read are JSON. There is one text for each value: what is read must
// be the very bytes that would be written for what was understood, so that no field is overlooked,
// invented or written twice. Pure.

export type Shape<T> = (value: unknown) => T | undefined;

/** The bytes of a value. */
export function encodeJson(value: unknown): Uint8Array {
  return Uint8Array.from(Buffer.from(JSON.stringify(value), "utf8"));
}

/** The value, or undefined when the bytes are not exactly those of a value of this shape. */
export function decodeJson<T>(bytes: Uint8Array, shape: Shape<T>): T | undefined {
  const value = shape(parse(bytes));
  if (value === undefined) return undefined;
  return Buffer.compare(encodeJson(value), bytes) === 0 ? value : undefined;
}

/** An object whose fields have these shapes, in this order. */
export function fields<T>(shapes: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  return (value) => {
    if (typeof value !== "object" || value === null) return undefined;
    const found: Partial<T> = {};
    for (const key of Object.keys(shapes) as (keyof T)[]) {
      const field = shapes[key]((value as T)[key]);
      if (field === undefined) return undefined;
      found[key] = field;
    }
    return found as T;
  };
}

/** A list of at most so many values of a shape. */
export function listOf<T>(shape: Shape<T>, most: number): Shape<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > most) return undefined;
    const found: T[] = [];
    for (const each of value) {
      const item = shape(each);
      if (item === undefined) return undefined;
      found.push(item);
    }
    return found;
  };
}

/** A whole number from `min`. */
export function wholeNumber(min: number): Shape<number> {
  return (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= min ? value : undefined;
}

export function text(isValid: (value: string) => boolean): Shape<string> {
  return (value) => (typeof value === "string" && isValid(value) ? value : undefined);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
