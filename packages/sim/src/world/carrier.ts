// How the sessions of a client travel: each actor draws one, and every one of them must do. The
// words are those of the client's `transport` option.

export type Carrier = "s2s" | "ws" | "fetch" | "auto";
export const CARRIERS: readonly Carrier[] = ["s2s", "ws", "fetch", "auto"];
