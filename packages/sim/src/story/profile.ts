// Kinds of stories: how many act, how long they pause, how much goes wrong. Data only; plans are
// drawn from them.

import type { NetworkSettings } from "../network/simulated-network.js";

export interface Profile {
  readonly actors: readonly [least: number, most: number];
  readonly steps: readonly [least: number, most: number];
  readonly thinkMs: number;
  readonly maxBodyBytes: number;
  /** Struck connections, stalls and jumps of the clock. */
  readonly strikes: number;
  /** Ends of the server, at most. */
  readonly restarts: number;
  /** Strikes and restarts come within so long. */
  readonly troubleMs: number;
  readonly network: NetworkSettings;
  /** Only actors whose work the public model knows: no trims, no streams that come and go. */
  readonly isPlain?: boolean;
}

const NETWORK: NetworkSettings = {
  maxLatencyMs: 10,
  splitChance: 0.1,
  faultChance: 0.15,
  faultBytes: 6000,
};

const SMALL: Profile = {
  actors: [3, 5],
  steps: [3, 8],
  thinkMs: 200,
  maxBodyBytes: 3000,
  strikes: 4,
  restarts: 2,
  troubleMs: 2500,
  network: NETWORK,
};

export type ProfileName = "small" | "busy" | "idle" | "calm" | "plain";

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  /** Few do few things, and much goes wrong. */
  small: SMALL,
  /** Many do many things. */
  busy: { ...SMALL, actors: [8, 14], steps: [10, 30], strikes: 12, restarts: 4, troubleMs: 8000 },
  /** Hours between two steps. */
  idle: { ...SMALL, thinkMs: 30 * 60_000, troubleMs: 3 * 3_600_000, steps: [3, 6] },
  /** Nothing goes wrong. */
  calm: {
    ...SMALL,
    strikes: 0,
    restarts: 0,
    network: { ...NETWORK, faultChance: 0, splitChance: 0 },
  },
  /** What the public model of S2 can judge. */
  plain: { ...SMALL, steps: [4, 10], isPlain: true },
};
