// The face of @s2kit/resumable/tanstack-ai: durabilities for the responses of TanStack AI, kept in
// S2. The package `@tanstack/ai` is not needed here. Docs: the README.

export type { GenerationsComponents } from "../generation/components.js";
export { GenerationFailedError } from "../generation/follow.js";
export { GenerationLostError } from "../generation/writer.js";
export {
  type RunChunk,
  type RunDurability,
  type RunEntry,
  RunTakenError,
  UnknownRunError,
} from "./durability.js";
export type { RunSource } from "./offsets.js";
export {
  createDurableRuns,
  type DurabilityOptions,
  type DurableRuns,
  type DurableRunsComponents,
} from "./runs.js";
