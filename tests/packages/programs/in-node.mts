// What compiles in Node alone: servers, streams of Node, and the faces that are ES modules only.

import * as nodeStreams from "@s2kit/client/node-streams";
import * as clientTesting from "@s2kit/client/testing";
import * as conformance from "@s2kit/conformance";
import * as coreTesting from "@s2kit/core/testing";
import { createServer, type S2Server } from "@s2kit/server-lite";
import * as simulation from "@s2kit/server-lite/simulation";
import * as testing from "@s2kit/server-lite/testing";
import * as studio from "@s2kit/studio";

export const faces = [nodeStreams, clientTesting, conformance, coreTesting, simulation, testing];
export const server: S2Server = createServer({ port: 0 });
export const others = [studio];
