// Several servers over one bucket, from the options of `lite` to the settings of a server.
// Spec: cli#lite.

import { readFile } from "node:fs/promises";
import type { ClusterSettings, StorageSettings } from "@s2kit/server-lite";
import type { Input } from "../frame/input.js";
import { CliError, usageError } from "../values/failure.js";
import { given } from "../values/given.js";

const WITH_OTHERS = ["node-id", "cluster-listen", "cluster-secret-file"] as const;

/** @throws {CliError} for options that contradict each other, and a secret that cannot be read */
export async function sharedStorage(
  input: Input,
  storage: StorageSettings,
): Promise<StorageSettings> {
  const advertise = input.get<string>("advertise");
  const stray =
    advertise === undefined ? WITH_OTHERS.find((name) => input.hasAny(name)) : undefined;
  if (stray !== undefined)
    throw usageError(
      `--${stray} is about servers that share a store`,
      "add --advertise http://HOST:PORT, where the others reach this one",
    );
  if (advertise === undefined) return storage;
  if (storage.kind !== "bucket")
    throw usageError("servers share a store in a bucket, and none is given", "add --bucket NAME");
  const file = input.get<string>("cluster-secret-file");
  if (file === undefined)
    throw usageError(
      "servers that share a store need a secret to know each other by",
      "write one with `openssl rand -hex 32 > FILE`, and add --cluster-secret-file FILE to each",
    );
  const cluster: ClusterSettings = {
    advertise,
    secret: await secretIn(file),
    ...given("nodeId", input.get<string>("node-id")),
    ...listenOf(input.get<string>("cluster-listen")),
  };
  return { ...storage, cluster };
}

async function secretIn(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    throw new CliError(`cannot read the secret of the cluster path=${path}`, {
      exitCode: 2,
      cause,
    });
  }
}

function listenOf(text: string | undefined): Pick<ClusterSettings, "host" | "port"> {
  if (text === undefined) return {};
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || port === undefined)
    throw usageError(`expected HOST:PORT cluster-listen=${text}`);
  return { host, port: Number(port) };
}
