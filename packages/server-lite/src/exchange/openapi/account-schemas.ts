// Schemas of basins, streams, access tokens, metrics and locations. Names, values and bounds come
// from core where it has them. Spec: control-plane#basins, control-plane#streams,
// control-plane#access-tokens, control-plane#metrics, control-plane#locations.

import {
  MAX_ACCESS_TOKEN_ID_BYTES,
  MAX_BASIN_NAME_BYTES,
  MAX_READ_TICKET_SECS,
  MAX_STREAM_NAME_BYTES,
  MIN_BASIN_NAME_BYTES,
  OPERATIONS,
} from "@s2kit/core";
import {
  METRIC_INTERVALS,
  METRIC_UNITS,
  STREAM_CIPHERS,
  TIMESTAMPING_MODES,
} from "@s2kit/core/control";
import {
  choice,
  flag,
  list,
  nullable,
  object,
  partial,
  ref,
  type Schema,
  single,
  text,
  u64,
} from "./schema.js";

const time = text("RFC 3339, in UTC", { format: "date-time" });

export const BASIN_NAME: Schema = text("a-z, 0-9 and -; neither begins nor ends with -", {
  minLength: MIN_BASIN_NAME_BYTES,
  maxLength: MAX_BASIN_NAME_BYTES,
});

export const STREAM_NAME: Schema = text(`1 to ${MAX_STREAM_NAME_BYTES} bytes of UTF-8`, {
  minLength: 1,
});

export const TOKEN_ID: Schema = text(`1 to ${MAX_ACCESS_TOKEN_ID_BYTES} bytes of UTF-8`, {
  minLength: 1,
});

const hasMore = flag("true only when another match exists");

const configs: Readonly<Record<string, Schema>> = {
  RetentionPolicy: {
    description: "how long records live: seconds since they were written, or for ever",
    oneOf: [single("age", u64("seconds", { minimum: 1 })), single("infinite", { type: "object" })],
  },
  StreamConfig: partial("what was set; a leaf that is missing or null is inherited", {
    storage_class: nullable(text("such as `standard`, `express`")),
    retention_policy: nullable(ref("RetentionPolicy")),
    timestamping: nullable(
      partial("whose time a record gets", {
        mode: nullable(choice("default `client-prefer`", TIMESTAMPING_MODES)),
        uncapped: nullable(flag("whether client timestamps may lie ahead of arrival")),
      }),
    ),
    delete_on_empty: nullable(
      partial("whether an empty stream is deleted", {
        min_age_secs: nullable(u64("seconds after it became empty; 0 never does")),
      }),
    ),
  }),
  ResolvedStreamConfig: object("the configuration in force: every leaf", {
    storage_class: text("such as `standard`, `express`"),
    retention_policy: ref("RetentionPolicy"),
    timestamping: object("whose time a record gets", {
      mode: choice("", TIMESTAMPING_MODES),
      uncapped: flag("whether client timestamps may lie ahead of arrival"),
    }),
    delete_on_empty: object("whether an empty stream is deleted", {
      min_age_secs: u64("seconds after it became empty; 0 never does"),
    }),
  }),
  BasinConfig: partial("what new streams of a basin get, and when they are created", {
    default_stream_config: nullable(ref("StreamConfig")),
    stream_cipher: nullable(choice("of streams created from now on", STREAM_CIPHERS)),
    create_stream_on_append: nullable(flag("default false")),
    create_stream_on_read: nullable(flag("default false")),
  }),
};

const resources: Readonly<Record<string, Schema>> = {
  BasinInfo: object("a basin", {
    name: BASIN_NAME,
    location: nullable(text("where it lives")),
    created_at: time,
    deleted_at: nullable(time),
    state: choice("read by older clients", ["active", "deleting"]),
  }),
  StreamInfo: object("a stream", {
    name: STREAM_NAME,
    created_at: time,
    deleted_at: nullable(time),
    cipher: nullable(choice("of its records", STREAM_CIPHERS)),
  }),
  BasinPage: object("basins in the order of their names", {
    basins: list(ref("BasinInfo")),
    has_more: hasMore,
  }),
  StreamPage: object("streams in the order of their names", {
    streams: list(ref("StreamInfo")),
    has_more: hasMore,
  }),
  CreateBasin: object(
    "a basin to create",
    {
      basin: BASIN_NAME,
      config: nullable(ref("BasinConfig")),
      location: nullable(text("default: the one in force")),
    },
    ["config", "location"],
  ),
  EnsureBasin: partial("what a basin is to be", {
    config: nullable(ref("BasinConfig")),
    location: nullable(text("cannot be changed")),
  }),
  CreateStream: object(
    "a stream to create",
    { stream: STREAM_NAME, config: nullable(ref("StreamConfig")) },
    ["config"],
  ),
};

const readWrite = partial("which operations of a group", {
  read: nullable(flag("default false")),
  write: nullable(flag("default false")),
});

const access: Readonly<Record<string, Schema>> = {
  ResourceSet: {
    description: 'names by one of them or by how they begin; `{"prefix": ""}` is all',
    oneOf: [
      single("exact", text("a name; empty means none")),
      single("prefix", text("how names begin")),
    ],
  },
  AccessTokenScope: partial("resources and operations; what is missing is none", {
    basins: nullable(ref("ResourceSet")),
    streams: nullable(ref("ResourceSet")),
    access_tokens: nullable(ref("ResourceSet")),
    op_groups: nullable(
      partial("operations by group", {
        account: nullable(readWrite),
        basin: nullable(readWrite),
        stream: nullable(readWrite),
      }),
    ),
    ops: nullable(list({ type: "string", enum: OPERATIONS }, "operations one by one")),
  }),
  IssueAccessToken: object(
    "a token to issue",
    {
      id: TOKEN_ID,
      expires_at: nullable(time),
      auto_prefix_streams: nullable(flag("names of streams are completed by the prefix")),
      scope: ref("AccessTokenScope"),
    },
    ["expires_at", "auto_prefix_streams"],
  ),
  IssuedAccessToken: object("the secret, shown once", { access_token: text("a secret") }),
  AccessTokenInfo: object("a token, without its secret", {
    id: TOKEN_ID,
    expires_at: nullable(time),
    auto_prefix_streams: flag("names of streams are completed by the prefix"),
    scope: ref("AccessTokenScope"),
  }),
  AccessTokenPage: object("tokens in the order of their ids", {
    access_tokens: list(ref("AccessTokenInfo")),
    has_more: hasMore,
  }),
  IssueReadTicket: partial("a ticket to issue", {
    expires_in_secs: nullable(
      u64("default and most: 600", { minimum: 1, maximum: MAX_READ_TICKET_SECS }),
    ),
  }),
  ReadTicket: object("opens one stream for reading as events", {
    ticket: text("a secret: goes into the query of a read"),
    expires_at: time,
  }),
};

const points = list(
  {
    type: "array",
    prefixItems: [u64("seconds since 1970"), { type: "number" }],
    minItems: 2,
    maxItems: 2,
  },
  "pairs of a time and a value",
);
const name = text("what is counted");
const unit = choice("of the values", METRIC_UNITS);

const others: Readonly<Record<string, Schema>> = {
  Metric: {
    description: "one kind of metric",
    oneOf: [
      single("scalar", object("one value", { name, unit, value: { type: "number" } })),
      single(
        "accumulation",
        object("sums by interval", {
          name,
          unit,
          interval: choice("of a sum", METRIC_INTERVALS),
          values: points,
        }),
      ),
      single("gauge", object("values at times", { name, unit, values: points })),
      single("label", object("names", { name, values: list({ type: "string" }) })),
    ],
  },
  Metrics: object("a metric set", { values: list(ref("Metric")) }),
  Location: object(
    "where basins may live",
    {
      name: text("ASCII letters, digits, `: - .`"),
      is_private: flag("whether it belongs to this account"),
      storage_classes: list({ type: "string" }),
      default_storage_class: text("of basins that live there"),
    },
    ["storage_classes", "default_storage_class"],
  ),
};

export const ACCOUNT_SCHEMAS: Readonly<Record<string, Schema>> = {
  ...resources,
  ...configs,
  ...access,
  ...others,
};
