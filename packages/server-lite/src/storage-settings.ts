// Where a server keeps its data, as it is told: a part of `settings`, which has the rest. What the
// engines make of it is theirs; here is only what no store can have.

import { isIPv6 } from "node:net";
import { S2Error } from "@s2kit/core";
import { isNodeName, MAX_SHARDS } from "./storage/object/format/names.js";

/** Where a server keeps what it is given. */
export type StorageSettings =
  /** Gone with the process. */
  | { readonly kind: "memory" }
  /** Durable in a directory, which is made when it is missing. */
  | {
      readonly kind: "disk";
      readonly directory: string;
      /** Size of a log segment, preallocated. Default: the engine's. */
      readonly segmentBytes?: number | undefined;
      /**
       * Takes a directory whose last holder is not proven to live, without watching it first. Safe
       * only when no other server uses the directory: two at once destroy it. Default false.
       */
      readonly takeOver?: boolean | undefined;
    }
  /**
   * Durable in an S3-compatible bucket. One server has it; another one waits until that is gone.
   */
  | {
      readonly kind: "bucket";
      readonly bucket: string;
      /** Keys begin with it, followed by a slash. Default: none */
      readonly prefix?: string | undefined;
      /**
       * Default: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, the profile's, or AWS in the region.
       */
      readonly endpoint?: string | undefined;
      /** Default: `AWS_REGION`, `AWS_DEFAULT_REGION`, or the profile's. */
      readonly region?: string | undefined;
      /** Name of this server in the bucket: letters, digits and hyphens. Default: the host's */
      readonly node?: string | undefined;
      /**
       * Length of the lease by which servers know of each other, ms: the same for all of a store. A
       * server that vanished is waited for 1.25 times as long. Default 4000.
       */
      readonly leaseMs?: number | undefined;
      /**
       * Number of shards of a store that is made now, 1 to 100; one that is there must have as
       * many. It never changes. Default: as many as it has, of a new store 1.
       */
      readonly shards?: number | undefined;
      /**
       * Memory for old records that were read from the bucket, in bytes; less while clients need
       * it, out of `maxHeldBytes`. Default 64 MiB.
       */
      readonly readCacheBytes?: number | undefined;
      /** Directory for state that is made anew at each start. Default: the system's for such. */
      readonly scratchDirectory?: string | undefined;
      /** Shares the store out among several servers. Default: this one has all of it. */
      readonly cluster?: ClusterSettings | undefined;
    };

/** A server that has some of the shards of its store, and passes on what is for the others. */
export interface ClusterSettings {
  /**
   * Name of this server among those of the store: each has another one, and the same after a
   * restart. Default: `node`.
   */
  readonly nodeId?: string | undefined;
  /**
   * Where the other servers reach this one, such as `http://10.0.0.7:8081`: not the address of
   * clients. Default: where it listens for them.
   */
  readonly advertise?: string | undefined;
  /** Address to listen on for the other servers. Default: that for clients. */
  readonly host?: string | undefined;
  /** Port to listen on for them. Default: that of `advertise`, else any free one. */
  readonly port?: number | undefined;
  /** What the servers know each other by: the same for all, at least 16 characters. */
  readonly secret: string;
}

const MIN_SECRET_CHARS = 16;
/** As URLs write them, whatever was given; IPv4 within IPv6 too. */
const EVERYWHERE: readonly string[] = ["0.0.0.0", "[::]", "[::ffff:0:0]"];

/**
 * @param host - where the server listens for clients
 * @throws {S2Error} `INVALID_ARGUMENT` for what no store can have
 */
export function checkStorage(storage: StorageSettings, host: string): void {
  if (storage.kind !== "bucket") return;
  const { shards = 1, cluster } = storage;
  if (!(Number.isInteger(shards) && shards >= 1 && shards <= MAX_SHARDS))
    throw invalid(`a store has 1 to ${MAX_SHARDS} shards shards=${shards}`);
  if (cluster !== undefined) checkCluster(cluster, host);
}

function checkCluster(cluster: ClusterSettings, clientHost: string): void {
  const { advertise, host = clientHost, nodeId, port, secret } = cluster;
  if (secret.length < MIN_SECRET_CHARS || !/^[!-~]+$/.test(secret))
    throw invalid(
      `the secret of a cluster must have at least ${MIN_SECRET_CHARS} printable characters without spaces length=${secret.length}`,
    );
  if (nodeId !== undefined && !isNodeName(nodeId))
    throw invalid(`a node is called by letters, digits and hyphens node=${nodeId}`);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw invalid(`a port is a number from 0 to 65535 port=${port}`);
  if (advertise === undefined) {
    if (isEverywhere(host))
      throw invalid(
        `other servers cannot reach this one at ${host}: set advertise to http://HOST:PORT, where they do`,
      );
    return;
  }
  const url = URL.canParse(advertise) ? new URL(advertise) : undefined;
  // What other servers see is kept in the bucket: no place for secrets.
  if (url?.protocol !== "http:" || url.username !== "" || url.pathname !== "/" || url.search !== "")
    throw invalid("a server advertises http://HOST:PORT, and nothing else");
  if (isEverywhere(url.hostname))
    throw invalid(
      `${url.hostname} is where a server listens, and no address of it: advertise one that the others reach`,
    );
}

/**
 * An address to listen on that stands for all of a machine. Who is told to connect to it connects
 * to itself, and hands its secret to whatever listens there.
 */
function isEverywhere(host: string): boolean {
  const authority = isIPv6(host) ? `[${host}]` : host;
  const url = URL.canParse(`http://${authority}`) ? new URL(`http://${authority}`) : undefined;
  return url === undefined || EVERYWHERE.includes(url.hostname);
}

function invalid(message: string): S2Error {
  return new S2Error({ code: "INVALID_ARGUMENT", message });
}
