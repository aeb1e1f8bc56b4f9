// The words that schemas are written with: JSON Schema as OpenAPI 3.1 has it, as far as the
// description needs it. Pure data; what is described is in the files beside this one.

/** A JSON Schema of the dialect 2020-12. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

/** @param name - of a schema among the components */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** An object; every field must be there but those named `optional`. */
export function object(
  description: string,
  fields: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  const required = Object.keys(fields).filter((field) => !optional.includes(field));
  return {
    type: "object",
    description,
    properties: fields,
    ...(required.length === 0 ? {} : { required }),
  };
}

/** An object of which any field may be left out. */
export function partial(description: string, fields: Readonly<Record<string, Schema>>): Schema {
  return object(description, fields, Object.keys(fields));
}

export function list(items: Schema, description?: string): Schema {
  return { type: "array", items, ...(description === undefined ? {} : { description }) };
}

export function text(description: string, more: Schema = {}): Schema {
  return { type: "string", description, ...more };
}

/** A number of the u64 range; JSON writes it as a plain number. */
export function u64(description: string, more: Schema = {}): Schema {
  return { type: "integer", minimum: 0, description, ...more };
}

export function flag(description: string): Schema {
  return { type: "boolean", description };
}

export function choice(description: string, values: readonly string[]): Schema {
  return { type: "string", enum: values, description };
}

/** The same, or null: what is unset. */
export function nullable(schema: Schema): Schema {
  if (typeof schema["type"] !== "string") return { anyOf: [schema, { type: "null" }] };
  const { enum: values, ...rest } = schema;
  const withNull = { ...rest, type: [schema["type"], "null"] };
  return Array.isArray(values) ? { ...withNull, enum: [...values, null] } : withNull;
}

/** An object with exactly one key. */
export function single(key: string, value: Schema): Schema {
  return {
    type: "object",
    properties: { [key]: value },
    required: [key],
    additionalProperties: false,
  };
}
