// A store over real sockets: put-if-absent that is atomic, signatures that are checked, ranges, pages,
// removal of many, and whatever a plan makes go wrong. `program` runs it as a process of its own.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { Fault, FaultPlan, PlannedRequest } from "./faults.js";
import {
  type Answer,
  answer,
  errorAnswer,
  headObject,
  listObjects,
  readObject,
  removeObjects,
  type StoredObject,
  storeObject,
} from "./objects.js";
import { type Account, refuse } from "./signature.js";

export interface DoubleOptions {
  /** Default: `bucket` */
  readonly bucket?: string;
  /** Default: us-east-1 */
  readonly region?: string;
  /** By access key id. Default: {@link KEYS} */
  readonly accounts?: ReadonlyMap<string, Account>;
  /** Whether a PUT's condition is kept, not looked at, or looked at a moment before. Default: kept */
  readonly conditions?: "kept" | "ignored" | "racy";
  /** Default: if-none-match */
  readonly precondition?: "if-none-match" | "generation-match";
  /** Default: 1000 */
  readonly pageSize?: number;
  /** Default: true */
  readonly knowsBatchDelete?: boolean;
  /** What its clock is ahead by. Default: 0 */
  readonly skewMs?: number;
  /** A certificate and its key, PEM: then it speaks TLS. Default: none */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** For benchmarks: objects are counted, and their bytes let go. Default: true */
  readonly keepsBytes?: boolean;
}

/** What `startDouble` accepts unless it is told otherwise. */
export const KEYS = { accessKeyId: "AKDOUBLE", secretAccessKey: "secret/of+the=double" };

export interface BucketDouble {
  /** `http://127.0.0.1:PORT`, or https */
  readonly url: string;
  readonly objects: Map<string, StoredObject>;
  /** Every request that came, signed well or not, as METHOD and key. */
  readonly seen: string[];
  /** PUTs that came, and their bytes. */
  readonly received: { readonly puts: number; readonly putBytes: number };
  /** Connections that were opened. */
  readonly connections: () => number;
  /** What goes wrong from now on. */
  plan: FaultPlan;
  /** Changes what the next requests meet. */
  change(options: DoubleOptions): void;
  close(): Promise<void>;
}

/** @param port - default: a free one */
export async function startDouble(options: DoubleOptions = {}, port = 0): Promise<BucketDouble> {
  const double = new Double(options);
  await double.listen(port);
  return double;
}

class Double implements BucketDouble {
  readonly objects = new Map<string, StoredObject>();
  readonly seen: string[] = [];
  readonly received = { puts: 0, putBytes: 0 };
  plan: FaultPlan = () => undefined;
  private options: DoubleOptions;
  private opened = 0;
  private number = 0;
  private readonly server: Server;

  constructor(options: DoubleOptions) {
    this.options = options;
    const serve = (request: IncomingMessage, response: ServerResponse): void =>
      void this.serve(request, response).catch(() => response.destroy());
    const settings = { keepAliveTimeout: 60_000 };
    const { tls } = options;
    this.server =
      tls === undefined
        ? createServer(settings, serve)
        : createTlsServer({ ...settings, ...tls }, serve);
    this.server.on("connection", () => this.opened++);
  }

  get url(): string {
    const scheme = this.options.tls === undefined ? "http" : "https";
    return `${scheme}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  connections(): number {
    return this.opened;
  }

  change(options: DoubleOptions): void {
    this.options = { ...this.options, ...options };
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const body = Buffer.concat(chunks);
    const planned = this.planned(request);
    this.seen.push(`${planned.method} ${planned.key ?? "?"}`);
    if (planned.method === "PUT") {
      this.received.puts++;
      this.received.putBytes += body.length;
    }
    const fault = this.plan(planned);
    if (fault?.kind === "slow") await wait(fault.effectMs);
    if (fault?.kind === "stranger") return send(response, answer(fault.status, fault.body));
    if (fault?.kind === "refused")
      return this.send(
        response,
        errorAnswer(fault.status, fault.code ?? "InternalError", {}, fault.headers),
      );
    const hasEffect =
      !("hasEffect" in (fault ?? {})) || (fault as { hasEffect: boolean }).hasEffect;
    const result = hasEffect ? await this.effect(request, planned, body) : answer(500);
    await this.reply(response, result, fault);
  }

  private async reply(
    response: ServerResponse,
    result: Answer,
    fault: Fault | undefined,
  ): Promise<void> {
    if (fault?.kind === "cut") return void response.destroy();
    if (fault?.kind === "hang") return;
    if (fault?.kind === "slow") await wait(fault.answerMs);
    if (fault?.kind !== "torn") return this.send(response, result);
    response.writeHead(result.status, {
      ...result.headers,
      "content-length": result.body.length + 1,
    });
    response.write(result.body);
    await wait(5);
    response.destroy();
  }

  private planned({ method = "", url = "" }: IncomingMessage): PlannedRequest {
    const [path = "", query = ""] = url.split(/\?(.*)/s);
    const [, bucket, ...parts] = path.split("/");
    const key = bucket === this.bucket ? parts.map(decodeURIComponent).join("/") : "";
    this.number++;
    return {
      method,
      key: key === "" ? undefined : key,
      query: new URLSearchParams(query),
      number: this.number,
    };
  }

  private async effect(
    { headers, method = "", url = "" }: IncomingMessage,
    { key, query }: PlannedRequest,
    body: Uint8Array,
  ): Promise<Answer> {
    const { region = "us-east-1", accounts = defaultAccounts, pageSize = 1000 } = this.options;
    const refusal = refuse({ method, url, headers, body }, accounts, region, this.now());
    if (refusal !== undefined) return errorAnswer(refusal.status, refusal.code, refusal.details);
    if (url.split(/[/?]/)[1] !== this.bucket) return errorAnswer(404, "NoSuchBucket");
    if (key === undefined) {
      if (method === "GET" && query.get("list-type") === "2")
        return listObjects(this.objects, query, pageSize);
      const isRemoval = method === "POST" && query.has("delete");
      if (!isRemoval || this.options.knowsBatchDelete === false)
        return errorAnswer(501, "NotImplemented");
      return removeObjects(this.objects, body, headers["content-md5"] as string | undefined);
    }
    if (method === "GET") return readObject(this.objects.get(key), headers.range);
    if (method === "HEAD") return headObject(this.objects.get(key));
    if (method === "DELETE") {
      this.objects.delete(key);
      return answer(204);
    }
    return method === "PUT" ? this.put(key, body, headers) : errorAnswer(405, "MethodNotAllowed");
  }

  private async put(
    key: string,
    body: Uint8Array,
    headers: IncomingMessage["headers"],
  ): Promise<Answer> {
    const { conditions = "kept", precondition = "if-none-match", keepsBytes = true } = this.options;
    const isConditional =
      precondition === "if-none-match"
        ? headers["if-none-match"] === "*"
        : headers["x-goog-if-generation-match"] === "0";
    const isThere = this.objects.has(key);
    if (conditions === "racy") await wait(5);
    if (isConditional && isThere && conditions !== "ignored")
      return errorAnswer(412, "PreconditionFailed");
    return storeObject(this.objects, key, keepsBytes ? body : new Uint8Array(0));
  }

  private get bucket(): string {
    return this.options.bucket ?? "bucket";
  }

  private now(): number {
    return Date.now() + (this.options.skewMs ?? 0);
  }

  private send(response: ServerResponse, result: Answer): void {
    response.sendDate = false;
    send(response, {
      ...result,
      headers: { ...result.headers, date: new Date(this.now()).toUTCString() },
    });
  }
}

const defaultAccounts = new Map([[KEYS.accessKeyId, { secretAccessKey: KEYS.secretAccessKey }]]);

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const length =
    status === 204 || "content-length" in headers ? {} : { "content-length": body.length };
  response.writeHead(status, { ...headers, ...length });
  response.end(body);
}
