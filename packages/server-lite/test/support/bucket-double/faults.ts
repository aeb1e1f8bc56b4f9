// What can go wrong with a request on its way to a store, in it, and on its way back.

/** The request as a plan sees it. */
export interface PlannedRequest {
  readonly method: string;
  /** Undefined for requests to the bucket itself. */
  readonly key: string | undefined;
  readonly query: URLSearchParams;
  /** Of all requests to this double: 1 for the first. */
  readonly number: number;
}

export type Fault =
  /** The effect comes later, and the answer later still. */
  | { readonly kind: "slow"; readonly effectMs: number; readonly answerMs: number }
  /** Answered so, without an effect. */
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly code?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection breaks, before the effect or after it. */
  | { readonly kind: "cut"; readonly hasEffect: boolean }
  /** No answer at all, and the connection stays. */
  | { readonly kind: "hang"; readonly hasEffect: boolean }
  /** The connection breaks inside the answer. */
  | { readonly kind: "torn" }
  /** Something between client and store answers in its stead. */
  | { readonly kind: "stranger"; readonly status: number; readonly body: string };

/** Undefined when all goes well. */
export type FaultPlan = (request: PlannedRequest) => Fault | undefined;
