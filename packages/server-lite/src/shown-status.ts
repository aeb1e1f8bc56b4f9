// What a server shows of itself in a log, in JSON and in a debugger: its status. Its settings and
// components hold the root token and the key of TLS. Called by `server` for each that is made.

/** Gives a server this face, and gives it back. */
export function showsStatusOnly<T extends { readonly status: string }>(server: T): T {
  const show = { value: (): object => ({ status: server.status }) };
  Object.defineProperty(server, "toJSON", show);
  Object.defineProperty(server, Symbol.for("nodejs.util.inspect.custom"), show);
  return server;
}
