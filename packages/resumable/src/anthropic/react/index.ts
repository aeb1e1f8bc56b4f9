// The face of @s2kit/resumable/anthropic/react: a turn that is generated elsewhere, in a component.
// Docs: the README.

export { MessageFailedError, SubscribeError } from "../../pages/failures.js";
export type { SubscribeOptions } from "../../pages/subscribe-events.js";
export type { Said, SaidState } from "../../pages/use-said.js";
export { type UseMessageOptions, useMessage } from "./use-message.js";
