// Names of HTTP headers and media types of the API, lower case, once.
// Spec: control-plane#request-headers, control-plane#bodies, data-plane#which-format-is-spoken.

/** Names the basin of a request. */
export const HEADER_BASIN = "s2-basin";
/** Carries the key of an encrypted stream. */
export const HEADER_ENCRYPTION_KEY = "s2-encryption-key";
/** Asks for records as text or as base64. */
export const HEADER_FORMAT = "s2-format";
/** Tells what became of an ensured resource. */
export const HEADER_PROVISION_RESULT = "s2-provision-result";
/** Makes a create idempotent. */
export const HEADER_REQUEST_TOKEN = "s2-request-token";
/** How long to wait before the next try, in ms. */
export const HEADER_RETRY_AFTER_MS = "retry-after-ms";
/** Configuration of a stream that this request creates. */
export const HEADER_STREAM_CONFIG = "s2-stream-config";
/** Where a stream of events goes on. */
export const HEADER_LAST_EVENT_ID = "last-event-id";

/** Media type of server-sent events. */
export const MEDIA_EVENT_STREAM = "text/event-stream";
/** Media type of JSON. */
export const MEDIA_JSON = "application/json";
/** Media type of protobuf messages. */
export const MEDIA_PROTOBUF = "application/protobuf";
/** Media type of S2S frames. */
export const MEDIA_S2S = "s2s/proto";

/** The kinds of body that a content-type or accept header can mean. */
export type MediaKind = "event-stream" | "json" | "none" | "other" | "protobuf" | "s2s";

/**
 * What a content-type or accept header means: its first media type, without parameters, in any
 * case. `none` when there is no header.
 */
export function mediaKindOf(header: string | undefined): MediaKind {
  if (header === undefined) return "none";
  const type = (header.split(/[,;]/, 1)[0] ?? "").trim().toLowerCase();
  switch (type) {
    case "":
      return "none";
    case MEDIA_EVENT_STREAM:
      return "event-stream";
    case MEDIA_PROTOBUF:
    case "application/x-protobuf":
      return "protobuf";
    case MEDIA_S2S:
      return "s2s";
    case MEDIA_JSON:
      return "json";
    default:
      return type.startsWith("application/") && type.endsWith("+json") ? "json" : "other";
  }
}

/** How record bytes appear in JSON: as UTF-8 text (lossy for other bytes) or as base64. */
export type RecordFormat = "raw" | "base64";

/** Reads an `s2-format` header; undefined for a value outside the API. Absent means raw. */
export function parseRecordFormat(header: string | undefined): RecordFormat | undefined {
  switch (header?.trim()) {
    case undefined:
    case "raw":
    case "json":
      return "raw";
    case "base64":
    case "json-binsafe":
      return "base64";
    default:
      return undefined;
  }
}
