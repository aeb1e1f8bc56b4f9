// The face of @s2kit/resumable/aisdk: routes for chats of the AI SDK, whose `useChat({ resume: true
// })` then works with no code in the page. The package `ai` is not needed here. Docs: the README.

export type { GenerationsComponents } from "../generation/components.js";
export {
  type ChatChunk,
  createResumableChat,
  type ResumableChat,
  type ResumableChatComponents,
} from "./chat.js";
