// The shape of plants.mjs, which is plain so that the loader can read it before there is a loader.

/** One planted fault; see scripts/mutants.mjs. */
export interface Plant {
  readonly id: string;
  readonly fault: string;
  /** What it changes, from the root of the repository. */
  readonly file: string;
  /** Texts that occur once, and what they become. */
  readonly change: readonly (readonly [find: string, replacement: string])[];
}

export declare const plants: readonly Plant[];
