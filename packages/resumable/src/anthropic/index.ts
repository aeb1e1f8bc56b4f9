// The face of @s2kit/resumable/anthropic: routes for chats of the Anthropic SDK. The package
// `@anthropic-ai/sdk` is not needed here; pages read with `./client`. Docs: the README.

export type { GenerationsComponents } from "../generation/components.js";
export {
  createResumableChat,
  type MessageEvent,
  type ResumableChat,
  type ResumableChatComponents,
  type Turn,
  type TurnOptions,
} from "./chat.js";
