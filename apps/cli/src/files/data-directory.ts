// Where a server keeps its data when it is not told: a directory of the user,
// per platform.

import { statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CliError } from "../values/failure.js";

/** `$XDG_DATA_HOME/s2kit` or `~/.local/share/s2kit`, the like on macOS and Windows. */
export function dataDirectory(env: NodeJS.ProcessEnv): string {
  const home = env.HOME ?? homedir();
  if (process.platform === "darwin") return join(home, "Library", "Application Support", "s2kit");
  if (process.platform === "win32")
    return join(env.LOCALAPPDATA ?? join(home, "AppData", "Local"), "s2kit");
  const dataHome = env.XDG_DATA_HOME;
  return join(
    dataHome === undefined || dataHome === "" ? join(home, ".local", "share") : dataHome,
    "s2kit",
  );
}

/** Where `lite` keeps its data when it is not told. */
export function liteDirectory(env: NodeJS.ProcessEnv): string {
  return join(dataDirectory(env), "lite");
}

/** The data directory to look into: as given, or the default one of `lite`. */
export function existingStore(directory: string | undefined, env: NodeJS.ProcessEnv): string {
  const path = directory ?? liteDirectory(env);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path;
  throw new CliError(`there is no data directory path=${path}`, {
    hint: "name the one that the server printed as its storage",
  });
}
