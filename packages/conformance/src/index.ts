// The face of @s2kit/conformance: run the cases against a server, list them, make texts of the
// report. The command imports it as others do.

export { CAPABILITIES, type Capability } from "./capability.js";
export type { Case, Suite } from "./case.js";
export { formatTable } from "./report/table.js";
export { formatResult, formatText } from "./report/text.js";
export { type CapabilitySettings, SetupError } from "./run/capabilities.js";
export { type KnownFailures, parseKnown } from "./run/known.js";
export type { ConformanceOptions } from "./run/options.js";
export type { Cell, WireFormat } from "./run/recorder.js";
export type { CaseResult, ConformanceReport, Outcome } from "./run/report.js";
export { listCases, runConformance } from "./run/run.js";
