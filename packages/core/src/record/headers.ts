// Names of HTTP headers and media types of the API, lower case, once.
// Spec: control-plane#request-headers, control-plane#bodies, data-plane#which-format-is-spoken.

export const HEADER_BASIN = "s2-basin";
export const HEADER_ENCRYPTION_KEY = "s2-encryption-key";
export const HEADER_FORMAT = "s2-format";
export const HEADER_PROVISION_RESULT = "s2-provision-result";
export const HEADER_REQUEST_TOKEN = "s2-request-token";
export const HEADER_RETRY_AFTER_MS = "retry-after-ms";
export const HEADER_STREAM_CONFIG = "s2-stream-config";
export const HEADER_LAST_EVENT_ID = "last-event-id";

export const MEDIA_EVENT_STREAM = "text/event-stream";
export const MEDIA_JSON = "application/json";
export const MEDIA_PROTOBUF = "application/protobuf";
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
