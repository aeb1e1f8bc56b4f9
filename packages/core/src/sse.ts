// The face of @s2kit/core for those who read server-sent events. It is apart from the main face
// because pages load it with the first stream they follow, and some bundlers keep together whatever
// one face names. Spec: data-plane#sse.

export { decodeReadEvent, type ReadEvent } from "./sse/event.js";
export { createSseParser, type SseEvent, type SseParser } from "./sse/parser.js";
