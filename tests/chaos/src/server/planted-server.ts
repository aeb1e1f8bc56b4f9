// A server from the sources, for runs with a planted fault: `planted-server.ts STORAGE --plant ID`, with the setting of that
// name as JSON. Says what `s2kit lite` does, as far as this room asks for it.

import { createServer, type StorageSettings } from "@s2kit/server-lite";

const [, , storage = ""] = process.argv;
const rootToken = process.env["S2KIT_ROOT_TOKEN"];
const log = (level: string) => (fields: object, message: string) => {
  const { err } = fields as { readonly err?: unknown };
  const text = err instanceof Error ? (err.stack ?? err.message) : undefined;
  process.stderr.write(`${JSON.stringify({ level, ...fields, err: text, message })}\n`);
};
const server = createServer(
  { port: 0, storage: JSON.parse(storage) as StorageSettings, auth: true, rootToken },
  { logger: { info: () => undefined, warn: log("warn"), error: log("error") } },
);
const { url } = await server.listen();
process.stdout.write(`${JSON.stringify({ url })}\n`);
void server.failed.then((error) => {
  process.stderr.write(`the storage failed; the server stops: ${error.message}\n`);
  process.exit(1);
});
process.once("SIGTERM", () => void server.close().then(() => process.exit(0)));
