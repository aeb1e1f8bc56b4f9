// The face of @s2kit/client/in-process: carries everything into a function from Request to
// Response, a server in the same process without a port. Sessions speak S2S over streaming bodies.
// Spec: sdk#surface.

import { s2sWires } from "../session/s2s-wires.js";
import type { Transport } from "../wire/transport.js";
import { createFetchTransport } from "./fetch.js";
import { openUpload } from "./upload.js";

/** A server as a function; it may answer before the request body has ended. */
export type RequestHandler = (request: Request) => Response | Promise<Response>;

/**
 * A transport into a handler.
 *
 * @example
 * const server = createServer();
 * await server.open();
 * const s2 = new S2(
 *   { accessToken: "any", endpoints: { account: "http://in.process", basin: "http://in.process" } },
 *   { carrier: createHandlerTransport((request) => server.fetch(request)) },
 * );
 */
export function createHandlerTransport(handler: RequestHandler): Transport {
  return createFetchTransport({
    fetch: async (input, init) => handler(new Request(input, init)),
    duplex: { wires: s2sWires, openUpload },
  });
}
