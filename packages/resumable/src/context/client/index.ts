// The face of @s2kit/resumable/context/client: what a page needs to read a text that is generated
// elsewhere, through reloads and connections that end. Docs: the README.

export { MessageFailedError, SubscribeError } from "../../pages/failures.js";
export type { SubscribeOptions } from "../../pages/subscribe-events.js";
export { readText } from "./read-text.js";
