// Placeholder face of server-lite: keeps the build green until the room is written.
// Replace this file whole; nothing may depend on it.
export const SERVER = "server-lite";
