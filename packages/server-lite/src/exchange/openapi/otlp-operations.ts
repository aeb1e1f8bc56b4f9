// What the description says of the routes that take telemetry. Their bodies are those of OTLP,
// which describes itself. Spec: data-plane#otlp.

import { MEDIA_JSON, MEDIA_PROTOBUF } from "@s2kit/core";
import type { Media, OperationWords } from "./operation-words.js";

/** As JSON is an object of OTLP, as protobuf its bytes. */
const MEDIA: Media = {
  [MEDIA_JSON]: { type: "object" },
  [MEDIA_PROTOBUF]: undefined,
  "application/x-protobuf": undefined,
};

function exportOf(signal: string): OperationWords {
  return {
    tag: "Telemetry",
    summary: `Take ${signal} of OpenTelemetry into streams`,
    description:
      "OTLP over HTTP. The resource attribute `s2.stream` names the stream; what was refused for good is told as partial success.",
    body: { isRequired: true, media: MEDIA },
    answers: { 200: MEDIA },
    failures: [413, 415],
  };
}

export const OTLP_WORDS: Readonly<
  Record<"otlp-logs" | "otlp-metrics" | "otlp-traces", OperationWords>
> = {
  "otlp-logs": exportOf("logs"),
  "otlp-metrics": exportOf("metrics"),
  "otlp-traces": exportOf("traces"),
};
