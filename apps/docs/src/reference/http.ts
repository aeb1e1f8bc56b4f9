// The reference of the HTTP API as a page, made from the description that a server answers at
// `/openapi.json`.

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly default?: unknown;
  readonly additionalProperties?: Schema | boolean;
}

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
  readonly description?: string;
  readonly $ref?: string;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

/** The parts of an OpenAPI description that the page shows. */
export interface OpenApi {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly responses: Readonly<Record<string, Content>>;
  };
}

/** The page, as Markdown. */
export function httpPage(api: OpenApi): string {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return [
    "# HTTP API reference",
    "",
    `Every route, made from the description (OpenAPI ${api.openapi}) that each server answers at \`/openapi.json\`. What the words`,
    "mean and which rules hold is in the specification: [control plane](../spec/control-plane.md),",
    "[data plane](../spec/data-plane.md).",
    "",
    ...api.tags.flatMap(({ name, description }) => [
      `## ${name}`,
      "",
      description,
      "",
      ...operations
        .filter(({ operation }) => operation.tags.includes(name))
        .flatMap(({ path, method, operation }) => operationSection(api, path, method, operation)),
    ]),
    "## Schemas",
    "",
    ...Object.entries(api.components.schemas).flatMap(([name, schema]) =>
      schemaSection(name, schema),
    ),
  ].join("\n");
}

function operationSection(api: OpenApi, path: string, method: string, operation: Operation) {
  const parameters = (operation.parameters ?? []).map((each) => resolved(api, each));
  const body = operation.requestBody;
  return [
    `### ${operation.summary}`,
    "",
    "```http",
    `${method.toUpperCase()} ${path}`,
    "```",
    "",
    ...(operation.description === undefined ? [] : [operation.description, ""]),
    ...parameterTable(parameters),
    ...(body === undefined ? [] : [`Body: ${contentOf(body)}.`, ""]),
    "| answer | what | body |",
    "| --- | --- | --- |",
    ...Object.entries(operation.responses).map(([status, answer]) => {
      const known = answerOf(api, answer);
      return `| ${status} | ${cell(known.description ?? "")} | ${contentOf(known)} |`;
    }),
    "",
  ];
}

function resolved(api: OpenApi, parameter: Parameter): Parameter {
  const name = parameter.$ref?.split("/").at(-1);
  return name === undefined ? parameter : (api.components.parameters[name] ?? parameter);
}

function answerOf(api: OpenApi, answer: Content): Content {
  const name = answer.$ref?.split("/").at(-1);
  return name === undefined ? answer : (api.components.responses[name] ?? answer);
}

function parameterTable(parameters: readonly Parameter[]): string[] {
  if (parameters.length === 0) return [];
  return [
    "| parameter | in | type | meaning |",
    "| --- | --- | --- | --- |",
    ...parameters.map(
      ({ name, in: place, required, schema, description = "" }) =>
        `| \`${name}\`${required === true ? " (required)" : ""} | ${place} | ${typeOf(schema)} | ${cell(description)} |`,
    ),
    "",
  ];
}

function contentOf({ content = {} }: Content): string {
  return Object.entries(content)
    .map(([type, { schema }]) =>
      schema === undefined ? `\`${type}\`` : `${typeOf(schema)} as \`${type}\``,
    )
    .join(", or ");
}

function schemaSection(name: string, schema: Schema): string[] {
  const head = [
    `### ${name}`,
    "",
    ...(schema.description === undefined ? [] : [schema.description, ""]),
  ];
  if (schema.properties === undefined) return [...head, typeOf(schema), ""];
  return [
    ...head,
    "| field | type | meaning |",
    "| --- | --- | --- |",
    ...Object.entries(schema.properties).map(([field, value]) => {
      const isRequired = schema.required?.includes(field) === true;
      return `| \`${field}\`${isRequired ? " (required)" : ""} | ${typeOf(value)} | ${cell(value.description ?? "")} |`;
    }),
    "",
  ];
}

/** A type in words; a named one links to its section. */
function typeOf(schema: Schema): string {
  const name = schema.$ref?.split("/").at(-1);
  if (name !== undefined) return `[${name}](#${name.toLowerCase()})`;
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return choices.map(typeOf).join(" or ");
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${String(each)}\``).join(", ");
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  if (schema.properties !== undefined)
    return Object.entries(schema.properties)
      .map(([field, value]) => `\`${field}\`: ${typeOf(value)}`)
      .join(", ");
  return [schema.type ?? "any"].flat().join(" or ");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
