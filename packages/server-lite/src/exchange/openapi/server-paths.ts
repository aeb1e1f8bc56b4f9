// Paths outside the API, which every server answers without a token: health, metrics, and this
// description itself. The studio is a page for people and not described. Spec:
// control-plane#routes.

const MEDIA_TEXT = "text/plain";

function page(operationId: string, summary: string, media: string, isHealth: boolean): unknown {
  const content = { [media]: { schema: { type: media === MEDIA_TEXT ? "string" : "object" } } };
  return {
    get: {
      operationId,
      tags: ["Server"],
      summary,
      security: [],
      responses: {
        200: { description: "done", content },
        ...(isHealth ? { 503: { description: "not now: the text says why", content } } : {}),
      },
    },
  };
}

/** Operations by path and method. */
export const SERVER_PATHS: Readonly<Record<string, unknown>> = {
  "/health": page("health", "Whether requests are welcome", MEDIA_TEXT, true),
  "/health/ready": page("health-ready", "The same as /health", MEDIA_TEXT, true),
  "/health/live": page("health-live", "Whether the process should stay", MEDIA_TEXT, true),
  "/ping": page("ping", "The older name of /health", MEDIA_TEXT, true),
  "/metrics": page("prometheus", "Metrics of the process, for Prometheus", MEDIA_TEXT, false),
  "/openapi.json": page("openapi", "This description", "application/json", false),
};
