// What a LOCK file says: who holds the directory, on which machine, where its sign of life is, and
// a count that grows while it lives. Written whole and in place, always of one length.

import * as fs from "node:fs";
import { hostname, networkInterfaces } from "node:os";

export interface LockRecord {
  readonly pid: number;
  readonly host: string;
  /**
   * Of one running kernel, for all its containers: tells whether signs of life can be asked here.
   */
  readonly machine: string;
  /** Tells two locks of one process apart. */
  readonly token: string;
  /**
   * Socket beside the LOCK file that answers while the holder lives; undefined where none can be.
   */
  readonly sign: string | undefined;
  /** Renewals so far. */
  readonly beat: number;
}

export type KnownLock =
  | { readonly kind: "held"; readonly record: LockRecord }
  /** Of a version without renewals: nothing in it tells whether its holder lives. */
  | { readonly kind: "older"; readonly pid: number; readonly host: string }
  /** Empty or torn, as a power loss leaves it; a living holder writes it anew. */
  | { readonly kind: "unreadable" };

const BEAT_DIGITS = 12;

export function encodeLock({ beat, ...record }: LockRecord): string {
  return `${JSON.stringify({ ...record, beat: String(beat).padStart(BEAT_DIGITS, "0") })}\n`;
}

export function parseLock(text: string): KnownLock {
  const value = jsonOf(text);
  if (typeof value !== "object" || value === null) return { kind: "unreadable" };
  const { pid, host, machine, token, sign, beat } = value as Record<string, unknown>;
  if (!isProcessId(pid) || typeof host !== "string") return { kind: "unreadable" };
  if (typeof machine !== "string" || typeof token !== "string" || typeof beat !== "string")
    return { kind: "older", pid, host };
  const known = typeof sign === "string" && !sign.includes("/") ? sign : undefined;
  return { kind: "held", record: { pid, host, machine, token, sign: known, beat: Number(beat) } };
}

/** Of what a number can be in JSON, `1e999` too, this is what a system gives. */
function isProcessId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Names the kernel that runs this process: its boot. Elsewhere the host with its network addresses,
 * which no two machines share; where they change, a lock is only watched for longer.
 */
export function machineName(): string {
  try {
    return fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    const addresses = Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).map(({ mac }) => mac),
    );
    return [hostname(), ...new Set(addresses)].sort().join(" ");
  }
}
