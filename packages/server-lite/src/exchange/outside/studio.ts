// The page for people, at `/studio` and `/dashboard`: static files of a package that may be
// missing. They need no token, since they hold nothing; what the page then asks for goes the way of
// all requests. Its settings pass the gate, and tell nobody where the data lies while tokens are
// asked for. docs/decisions/0080.

import { S2Error } from "@s2kit/core";
import type { Studio } from "@s2kit/studio";
import type { Exchange } from "../exchange.js";
import type { Gate } from "../gate.js";
import { errorReply, methodNotAllowed, type Reply } from "../reply.js";

export interface StudioRoutesComponents {
  /** Off: the paths answer with how to turn it on. */
  readonly isOn: boolean;
  readonly auth: boolean;
  readonly storage: { readonly kind: string; readonly directory?: string | undefined };
  readonly gate: Gate;
  /** Loads the package; replaced by tests. */
  readonly load?: (() => Promise<Studio>) | undefined;
}

/** Answers requests for the page; undefined for all others. */
export type StudioHandler = (method: string, exchange: Exchange) => Promise<Reply> | undefined;

const MOUNTS = ["/studio", "/dashboard"];

export function createStudioRoutes(components: StudioRoutesComponents): StudioHandler {
  const { load = loadPackage } = components;
  let loading: Promise<Studio> | undefined;
  return (method, exchange) => {
    const { path } = exchange;
    const mount = MOUNTS.find((at) => path === at || path.startsWith(`${at}/`));
    if (mount === undefined) return undefined;
    if (method !== "GET") return Promise.resolve(methodNotAllowed("GET, HEAD"));
    if (!components.isOn)
      return Promise.resolve(
        hint("the studio is off: start the server with --studio, or studio: true"),
      );
    loading ??= load();
    return loading.then(
      (studio) => answer(studio, mount, exchange, components),
      () => {
        // It may be installed while the server runs.
        loading = undefined;
        return hint("the studio is not installed: npm install @s2kit/studio");
      },
    );
  };
}

function answer(
  studio: Studio,
  mount: string,
  exchange: Exchange,
  { auth, storage, gate }: StudioRoutesComponents,
): Reply {
  const outsider = gate(exchange);
  if (outsider !== undefined) return errorReply(outsider);
  const found = studio.answer(
    exchange.path,
    mount,
    () => ({
      endpoint: "",
      version: studio.version,
      auth,
      storage: auth ? { kind: storage.kind } : storage,
    }),
    exchange.header("accept-encoding"),
  );
  if (found === undefined) return hint("no such file of the studio");
  // The bytes are there once, whoever asks: they count as held for nobody.
  return { ...found, isForOperators: true };
}

function hint(message: string): Reply {
  return errorReply(new S2Error({ code: "not_found", message }));
}

async function loadPackage(): Promise<Studio> {
  const { openStudio } = await import("@s2kit/studio");
  return openStudio();
}
