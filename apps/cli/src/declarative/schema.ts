// The published schema of resource specs (JSON Schema draft 2020-12), for editors and `apply
// --schema`. The checks that run are in `resource-spec`; a test compares both on random documents.
// Spec: cli#file-format.

import { STORAGE_CLASSES, STREAM_CIPHERS, TIMESTAMPING_MODES } from "@s2kit/core/control";

const nullable = (schema: object): object => ({ anyOf: [schema, { type: "null" }] });
const closed = (properties: object, required: readonly string[] = []): object => ({
  type: "object",
  properties,
  additionalProperties: false,
  ...(required.length === 0 ? {} : { required }),
});

const DURATION: object = {
  type: "string",
  description: "integers with units, e.g. 7days, 1h 30m",
  examples: ["7days", "1h 30m"],
};

const STREAM_CONFIG: object = closed({
  storage_class: nullable({ type: "string", examples: STORAGE_CLASSES }),
  retention_policy: nullable({
    ...DURATION,
    description: "infinite, or an age greater than 0, e.g. 7days",
    examples: ["infinite", "7days"],
  }),
  timestamping: nullable(
    closed({
      mode: nullable({ enum: TIMESTAMPING_MODES }),
      uncapped: nullable({ type: "boolean" }),
    }),
  ),
  delete_on_empty: nullable(closed({ min_age: nullable(DURATION) })),
});

const BASIN_CONFIG: object = closed({
  default_stream_config: nullable({ $ref: "#/$defs/StreamConfig" }),
  stream_cipher: nullable({ enum: STREAM_CIPHERS }),
  create_stream_on_append: nullable({ type: "boolean" }),
  create_stream_on_read: nullable({ type: "boolean" }),
});

const STREAM: object = closed(
  {
    name: { type: "string", minLength: 1, maxLength: 512 },
    config: nullable({ $ref: "#/$defs/StreamConfig" }),
  },
  ["name"],
);

const BASIN: object = closed(
  {
    name: {
      type: "string",
      minLength: 8,
      maxLength: 48,
      pattern: "^[a-z0-9][a-z0-9-]*[a-z0-9]$",
    },
    config: nullable({ $ref: "#/$defs/BasinConfig" }),
    streams: nullable({ type: "array", items: { $ref: "#/$defs/Stream" } }),
  },
  ["name"],
);

export const RESOURCES_SCHEMA: object = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Resources",
  description: "Basins and streams that should exist, with their configurations",
  type: "object",
  properties: { basins: nullable({ type: "array", items: { $ref: "#/$defs/Basin" } }) },
  $defs: {
    Basin: BASIN,
    BasinConfig: BASIN_CONFIG,
    Stream: STREAM,
    StreamConfig: STREAM_CONFIG,
  },
};
