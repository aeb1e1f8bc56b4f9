// The messages of OTLP as far as cutting depends on them, written down anew and read by a codec of others
// (protobufjs): what is cut here is read there.

import protobuf from "protobufjs";

const PROTO = `
syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3;
  double double_value = 4; bytes bytes_value = 7; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message Scope { string name = 1; string version = 2; }
message Span { bytes trace_id = 1; bytes span_id = 2; string name = 5; fixed64 start_time_unix_nano = 7;
  repeated KeyValue attributes = 9; }
message LogRecord { fixed64 time_unix_nano = 1; int32 severity_number = 2; AnyValue body = 5;
  repeated KeyValue attributes = 6; }
message Point { fixed64 time_unix_nano = 3; double as_double = 4; repeated KeyValue attributes = 7; }
message Points { repeated Point data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Metric { string name = 1; string unit = 3; Points gauge = 5; Points sum = 7; Points histogram = 9;
  Points exponential_histogram = 10; Points summary = 11; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message TracesRequest { repeated ResourceSpans resource_spans = 1; }
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
message LogsRequest { repeated ResourceLogs resource_logs = 1; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; string schema_url = 3; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; string schema_url = 3; }
message MetricsRequest { repeated ResourceMetrics resource_metrics = 1; }
message Partial { int64 rejected = 1; string error_message = 2; }
message Response { Partial partial_success = 1; }
message Status { int32 code = 1; string message = 2; }
`;

const { root } = protobuf.parse(PROTO);

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came
export type Json = Record<string, any>;

/** A message of the type, from plain values in lowerCamelCase. */
export function encode(type: string, value: Json): Uint8Array {
  const message = root.lookupType(type);
  return Uint8Array.from(message.encode(message.fromObject(value)).finish());
}

export function decode(type: string, bytes: Uint8Array): Json {
  const message = root.lookupType(type);
  return message.toObject(message.decode(bytes), { longs: Number, bytes: String, arrays: true });
}
