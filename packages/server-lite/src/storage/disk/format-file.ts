// `FORMAT`: says that a directory is a store, in which format, and holds the key that tells the
// groups of this store from bytes that clients wrote. Made once, whole or not at all.

import { crc32 } from "node:zlib";
import { type Random, randomInteger } from "@s2kit/core";
import { storageError } from "../durability.js";
import { type Disk, readWhole, replaceFile } from "./disk.js";

export const FORMAT_FILE = "FORMAT";
/** Of the directory as a whole; the log and data files carry their own. */
export const STORE_FORMAT_VERSION = 1;

export interface StoreFormat {
  readonly version: number;
  readonly storeKey: number;
}

/** @throws {S2Error} `storage` for a newer format or a damaged file */
export async function readFormat(disk: Disk, directory: string): Promise<StoreFormat | undefined> {
  const path = `${directory}/${FORMAT_FILE}`;
  if (!(await disk.list(directory)).includes(FORMAT_FILE)) return undefined;
  const text = Buffer.from(await readWhole(disk, path)).toString("utf8");
  const match = /^s2kit store format=(\d+) key=(\d+)/.exec(text);
  const version = Number(match?.[1]);
  if (match !== null && version > STORE_FORMAT_VERSION)
    throw storageError(
      `the data directory was written by a newer version: upgrade s2kit, or restore a copy path=${path} format=${version} supported=${STORE_FORMAT_VERSION}`,
    );
  if (match === null || text !== formatText(version, Number(match[2])))
    throw storageError(`the format file is damaged: restore it from a copy path=${path} offset=0`);
  return { version, storeKey: Number(match[2]) };
}

export async function writeFormat(
  disk: Disk,
  directory: string,
  random: Random,
): Promise<StoreFormat> {
  const storeKey = randomInteger(random, 1, 2 ** 32 - 1);
  const text = formatText(STORE_FORMAT_VERSION, storeKey);
  await replaceFile(disk, directory, FORMAT_FILE, Buffer.from(text, "utf8"));
  return { version: STORE_FORMAT_VERSION, storeKey };
}

function formatText(version: number, storeKey: number): string {
  const line = `s2kit store format=${version} key=${storeKey}`;
  return `${line} check=${crc32(line)}\n`;
}
