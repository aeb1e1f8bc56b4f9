// Which command is killed how, drawn from a seed: the same seed draws the same points. What there is to
// cut (bytes of a conversation, steps on files, milliseconds) was measured in a run that nobody killed.

import type { Random } from "@s2kit/core";
import type { Cut, Direction } from "./cut-proxy.ts";

const DIRECTIONS: readonly Direction[] = ["up", "down"];

export type TransferCommand = "export" | "export-again" | "import" | "cp";

export interface Extent {
  readonly bytes: Readonly<Record<Direction, number>>;
  readonly fileSteps: number;
  readonly millis: number;
}

export type Kill =
  | { readonly kind: "at-time"; readonly millis: number }
  | { readonly kind: "at-file-step"; readonly step: number; readonly side: Side }
  /** The command, the server (then the command sees it go), or only their connection. */
  | { readonly kind: "at-byte"; readonly cut: Cut; readonly victim: Victim };

export type Side = "before" | "half" | "after";
export type Victim = "command" | "server" | "connection";

export interface KillPoint {
  readonly command: TransferCommand;
  /** One after another, before the run that is left alone. */
  readonly kills: readonly Kill[];
}

const SIDES: readonly Side[] = ["before", "half", "after"];
const COMMANDS: readonly TransferCommand[] = ["export", "export-again", "import", "cp"];

export function drawPoint(
  random: Random,
  extents: Readonly<Record<TransferCommand, Extent>>,
  canKillServer: boolean,
): KillPoint {
  const command = pick(random, COMMANDS);
  const count = 1 + Math.floor(random.next() * 2);
  const kills = Array.from({ length: count }, () =>
    drawKill(random, extents[command], canKillServer),
  );
  return { command, kills };
}

/** Every step on files of the two that write some, killed before, in the middle and after. */
export function everyFileStep(
  extents: Readonly<Record<TransferCommand, Extent>>,
): readonly KillPoint[] {
  const commands = COMMANDS.filter((command) => extents[command].fileSteps > 0);
  return commands.flatMap((command) =>
    Array.from({ length: extents[command].fileSteps }, (_, index) => index + 1).flatMap((step) =>
      SIDES.map((side): KillPoint => ({ command, kills: [{ kind: "at-file-step", step, side }] })),
    ),
  );
}

function drawKill(random: Random, extent: Extent, canKillServer: boolean): Kill {
  const { bytes, fileSteps, millis } = extent;
  const roll = random.next();
  if (roll < 0.2) return { kind: "at-time", millis: Math.floor(random.next() * millis) };
  if (roll < 0.6 && fileSteps > 0)
    return {
      kind: "at-file-step",
      step: 1 + Math.floor(random.next() * fileSteps),
      side: pick(random, SIDES),
    };
  const direction = pick(random, DIRECTIONS);
  return {
    kind: "at-byte",
    cut: { direction, atByte: Math.floor(random.next() * bytes[direction]) },
    victim: pick(random, canKillServer ? VICTIMS : VICTIMS.slice(0, -1)),
  };
}

/** The server last: in memory it cannot come back. */
const VICTIMS: readonly Victim[] = ["command", "command", "connection", "server"];

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random.next() * from.length)] as T;
}
