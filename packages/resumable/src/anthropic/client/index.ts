// The face of @s2kit/resumable/anthropic/client: what a page needs to read a turn that is generated
// elsewhere, through reloads and connections that end. Docs: the README.

export { MessageFailedError, SubscribeError } from "../../pages/failures.js";
export type { SubscribeOptions } from "../../pages/subscribe-events.js";
export { subscribe } from "./subscribe.js";
