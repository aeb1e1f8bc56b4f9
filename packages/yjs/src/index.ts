// The face of @s2kit/yjs: documents of Yjs that many edit at once, kept in S2 streams.
// Docs: the README.

export type { DocumentProblem } from "./document/document-log.js";
export type { ProviderEvents, ProviderStatus } from "./listeners.js";
export type { YjsProviderComponents } from "./options.js";
export { DocumentStreamError } from "./problems.js";
export { createYjsProvider, YjsProvider } from "./provider.js";
