// What `vanishing-clients` and its processes say to each other.

export interface Ports {
  readonly plain: number;
  readonly tls: number;
}

export type Question =
  | { readonly kind: "facts" }
  /** So many callers within the process of the server, who leave. */
  | { readonly kind: "call"; readonly count: number };

export interface OpenThing {
  readonly server: string;
  readonly name: string;
  readonly count: number;
}

export interface ServerFacts {
  readonly kind: "facts";
  readonly open: readonly OpenThing[];
  readonly rss: number;
  /** JavaScript heap and buffers. */
  readonly live: number;
}

/** One client that will vanish. */
export interface Plan {
  readonly wire: "h1" | "h2" | "websocket";
  readonly isTls: boolean;
  /** Index into all kinds of requests. */
  readonly kind: number;
  /** Bytes of its body, for those that have one. */
  readonly bodyBytes: number;
  /** Where it is cut: a share of all its bytes. */
  readonly cut: number;
  readonly way: "reset" | "exit" | "fin" | "half" | "stream" | "goaway" | "silent";
}
