// Placeholder face of server-lite/testing: keeps the build green until the room is written.
// Replace this file whole; nothing may depend on it.
export const TESTING = "server-lite";
