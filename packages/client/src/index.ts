// Placeholder face of client: keeps the build green until the room is written.
// Replace this file whole; nothing may depend on it.
export const RUNTIME = "web" as string;
