// The face of @s2kit/resumable/context: the context of the package `resumable-stream`, directly on
// S2. Names and meanings are those of that package; where its producer keeps the text in memory,
// here it is in a stream, and outlives the producer. Docs: the README.

export type { GenerationsComponents } from "../generation/components.js";
export { GenerationFailedError } from "../generation/follow.js";
export {
  createResumableStreamContext,
  type ResumableStreamComponents,
  type ResumableStreamContext,
} from "./context.js";
