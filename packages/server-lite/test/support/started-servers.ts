// Servers that tests started and may end without closing. Closed behind the last test of each file.

const started: { close(): Promise<void> }[] = [];

export function entered<T extends { close(): Promise<void> }>(server: T): T {
  started.push(server);
  return server;
}

export async function closeAll(): Promise<void> {
  for (const server of started.splice(0)) await server.close();
}
