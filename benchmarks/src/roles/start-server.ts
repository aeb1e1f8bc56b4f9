// How long a server in a test takes: loads the package, then creates, listens and closes, in a fresh
// process, as a test file does.

export interface StartServerRole {
  run(): Promise<{ readonly loadMs: number; readonly listenMs: number }>;
}

export async function open(): Promise<StartServerRole> {
  return {
    async run() {
      const startedAt = performance.now();
      const { createServer } = await import("@s2kit/server-lite");
      const loadedAt = performance.now();
      const server = createServer({ port: 0 });
      await server.listen();
      const listeningAt = performance.now();
      await server.close();
      return { loadMs: loadedAt - startedAt, listenMs: listeningAt - loadedAt };
    },
  };
}
