// A property that is there only when it has a value, since properties are optional exactly: one
// that is undefined is another thing than one that is not there.

/** `{ [key]: value }` when there is a value, nothing otherwise: for exact optional properties. */
export function given<K extends string, V>(
  key: K,
  value: V | undefined,
): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
}
