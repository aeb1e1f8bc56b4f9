// The face of @s2kit/resumable/assistant-ui: a store for the resumable streams of assistant-ui. The
// package `assistant-stream` is not needed here. Docs: the README.

export type { GenerationsComponents } from "../generation/components.js";
export { GenerationFailedError } from "../generation/follow.js";
export { createResumableStore } from "./store.js";
export {
  type ResumableStore,
  ResumableStoreError,
  type StoreAcquireOptions,
  type StoreAcquisition,
  type StoreEntry,
  type StoreLease,
  type StoreStatus,
} from "./store-face.js";
