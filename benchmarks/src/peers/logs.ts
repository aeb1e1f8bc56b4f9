// Other servers that keep logs, each with its own protocol, set to be durable before the answer.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Protocol } from "../roles/socket-load.ts";
import { findProgram, type Program, startProgram } from "./program.ts";

export interface LogPeer {
  readonly name: string;
  readonly protocol: Protocol;
  /** `undefined` when its program is not at hand. */
  start(directory: string): Promise<Program> | undefined;
}

export const LOG_PEERS: readonly LogPeer[] = [
  {
    name: "Redis, appendfsync always",
    protocol: "redis",
    start(directory) {
      const command = findProgram("redis-server", "S2KIT_REDIS");
      if (command === undefined) return undefined;
      const home = join(directory, "redis");
      mkdirSync(home);
      const settings = { dir: home, appendonly: "yes", appendfsync: "always", save: "" };
      const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
      return startProgram(command, (port) => ["--port", String(port), ...args]);
    },
  },
  {
    name: "NATS, sync always",
    protocol: "nats",
    start(directory) {
      const command = findProgram("nats-server", "S2KIT_NATS");
      if (command === undefined) return undefined;
      const settings = join(directory, "nats.conf");
      const store = join(directory, "nats");
      writeFileSync(settings, `jetstream { store_dir: "${store}", sync_interval: always }\n`);
      return startProgram(command, (port) => [
        "-a",
        "127.0.0.1",
        "-p",
        String(port),
        "-c",
        settings,
      ]);
    },
  },
];
