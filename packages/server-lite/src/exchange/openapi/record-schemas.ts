// Schemas of records and of failures. Spec: data-plane#body, data-plane#acknowledgement,
// data-plane#answer, data-plane#failed-conditions, data-plane#where-a-read-starts,
// control-plane#error-body.

import { MAX_BATCH_RECORDS, MAX_FENCING_TOKEN_BYTES, SERVER_ERROR_CODES } from "@s2kit/core";
import { choice, list, nullable, object, ref, type Schema, single, text, u64 } from "./schema.js";

/** Codes outside the public table: of routes that do not exist. */
const ROUTE_ERROR_CODES = [
  "content_too_large",
  "method_not_allowed",
  "not_found",
  "unsupported_media_type",
] as const;

const header: Schema = {
  type: "array",
  prefixItems: [{ type: "string" }, { type: "string" }],
  minItems: 2,
  maxItems: 2,
  description: "name and value, as text or base64",
};

const fencingToken = text(`at most ${MAX_FENCING_TOKEN_BYTES} bytes of UTF-8`);

export const RECORD_SCHEMAS: Readonly<Record<string, Schema>> = {
  Position: object("a place in a stream", {
    seq_num: u64("sequence number"),
    timestamp: u64("milliseconds since 1970"),
  }),
  AppendRecord: object(
    "a record to append",
    {
      body: text("text, or base64 after `s2-format`; default empty"),
      headers: list(header, "in order, repetitions kept"),
      timestamp: nullable(u64("milliseconds since 1970; default: arrival")),
    },
    ["body", "headers", "timestamp"],
  ),
  AppendInput: object(
    "a batch: appended whole or not at all",
    {
      records: {
        ...list(ref("AppendRecord"), "at most 1 MiB metered"),
        minItems: 1,
        maxItems: MAX_BATCH_RECORDS,
      },
      match_seq_num: nullable(u64("append only if the first record would get this number")),
      fencing_token: nullable(fencingToken),
    },
    ["match_seq_num", "fencing_token"],
  ),
  AppendAck: object("where the batch is, now that it is durable", {
    start: ref("Position"),
    end: ref("Position"),
    tail: ref("Position"),
  }),
  SequencedRecord: object(
    "a record as it was written",
    {
      seq_num: u64("sequence number"),
      timestamp: u64("milliseconds since 1970"),
      headers: list(header, "left out when there are none"),
      body: text("left out when it is empty"),
    },
    ["headers", "body"],
  ),
  ReadBatch: object(
    "consecutive records",
    { records: list(ref("SequencedRecord")), tail: ref("Position") },
    ["tail"],
  ),
  Tail: object("where the next record goes", { tail: ref("Position") }),
  Error: object("why a request failed", {
    code: choice("stable", [...SERVER_ERROR_CODES, ...ROUTE_ERROR_CODES].toSorted()),
    message: text("for people; may change"),
  }),
  AppendConditionFailed: {
    description: "the condition that did not hold, with what is in force",
    oneOf: [
      single("fencing_token_mismatch", fencingToken),
      single("seq_num_mismatch", u64("the number that the first record would have got")),
    ],
  },
};
