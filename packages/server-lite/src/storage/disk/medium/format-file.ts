// `FORMAT`: says that a directory is a store, in which format, and holds the key that tells the
// groups of this store from bytes that clients wrote. Made once; replaced whole or not at all when
// the directory is upgraded. Every version since the first refuses a higher number here.

import { crc32 } from "node:zlib";
import { type Random, randomInteger } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { type Disk, readWhole, replaceFile } from "./disk.js";

export const FORMAT_FILE = "FORMAT";
/** Of the directory as a whole; the log and data files carry their own. */
export const STORE_FORMAT_VERSION = 2;
/** Directories of this format on are upgraded when they are opened. */
export const OLDEST_FORMAT_VERSION = 1;

export interface StoreFormat {
  readonly version: number;
  readonly storeKey: number;
  /** While the directory is being upgraded: the format that it had. */
  readonly upgradedFrom: number | undefined;
}

/** @throws {S2Error} `storage` for a newer format or a damaged file */
export async function readFormat(disk: Disk, directory: string): Promise<StoreFormat | undefined> {
  const path = `${directory}/${FORMAT_FILE}`;
  if (!(await disk.list(directory)).includes(FORMAT_FILE)) return undefined;
  const text = Buffer.from(await readWhole(disk, path)).toString("utf8");
  return parseFormat(text, path);
}

/**
 * Reads the text of a FORMAT file.
 *
 * @param path - for messages
 * @throws {S2Error} `storage` for a newer format or a damaged text
 */
export function parseFormat(text: string, path: string): StoreFormat {
  const match = /^s2kit store format=(\d+) key=(\d+)(?: from=(\d+))?/.exec(text);
  const version = Number(match?.[1]);
  if (match !== null && version > STORE_FORMAT_VERSION)
    throw storageError(
      `the data directory was written by a newer version: upgrade s2kit, or restore a copy path=${path} format=${version} supported=${STORE_FORMAT_VERSION}`,
    );
  const from = match?.[3] === undefined ? undefined : Number(match[3]);
  const format = { version, storeKey: Number(match?.[2]), upgradedFrom: from };
  if (match === null || text !== formatText(format) || !isKnown(format))
    throw storageError(`the format file is damaged: restore it from a copy path=${path} offset=0`);
  return format;
}

/** Makes a new store of a directory. */
export async function writeFormat(
  disk: Disk,
  directory: string,
  random: Random,
): Promise<StoreFormat> {
  const storeKey = randomInteger(random, 1, 2 ** 32 - 1);
  const format = { version: STORE_FORMAT_VERSION, storeKey, upgradedFrom: undefined };
  await replaceFormat(disk, directory, format);
  return format;
}

/** Durable when it resolves; before, the directory has the one or the other. */
export async function replaceFormat(
  disk: Disk,
  directory: string,
  format: StoreFormat,
): Promise<void> {
  await replaceFile(disk, directory, FORMAT_FILE, Buffer.from(formatText(format), "utf8"));
}

function formatText({ version, storeKey, upgradedFrom }: StoreFormat): string {
  const from = upgradedFrom === undefined ? "" : ` from=${upgradedFrom}`;
  const line = `s2kit store format=${version} key=${storeKey}${from}`;
  return `${line} check=${crc32(line)}\n`;
}

function isKnown({ version, upgradedFrom }: StoreFormat): boolean {
  const oldest = upgradedFrom ?? version;
  return oldest >= OLDEST_FORMAT_VERSION && (upgradedFrom === undefined || upgradedFrom < version);
}
