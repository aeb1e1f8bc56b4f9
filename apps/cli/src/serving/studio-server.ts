// Serves the studio from this machine for a server elsewhere: static files and the address of that
// server. The requests of the page go there directly, so a token never comes by here.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Studio, StudioConfig } from "@s2kit/studio";
import { CliError } from "../values/failure.js";

const HOST = "127.0.0.1";
const MOUNT = "/studio";

export interface StudioServer {
  readonly url: string;
  close(): Promise<void>;
}

/** @throws {CliError} when the package is not installed */
export async function loadStudio(): Promise<Studio> {
  try {
    const { openStudio } = await import("@s2kit/studio");
    return await openStudio();
  } catch (cause) {
    throw new CliError("the studio is not installed", {
      hint: "npm install @s2kit/studio, in the place where s2kit is installed",
      cause,
    });
  }
}

/** @throws the error of the platform when the port cannot be had */
export async function serveStudio(
  studio: Studio,
  config: StudioConfig,
  port: number,
): Promise<StudioServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").replace(/\?.*$/, "");
    const isRead = request.method === "GET" || request.method === "HEAD";
    const encodings = String(request.headers["accept-encoding"] ?? "");
    const reply = isRead ? studio.answer(path, MOUNT, () => config, encodings) : undefined;
    if (reply === undefined) {
      response.writeHead(path === "/" ? 308 : 404, path === "/" ? { location: `${MOUNT}/` } : {});
      response.end();
      return;
    }
    response.writeHead(reply.status, { ...reply.headers, "content-length": reply.body.length });
    response.end(request.method === "HEAD" ? undefined : reply.body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://${HOST}:${bound}${MOUNT}/`, close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
