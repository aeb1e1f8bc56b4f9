// Placeholder face of the command: keeps the build green until the room is written.
// Replace this file whole; nothing may depend on it.
export const COMMAND = "s2kit";
