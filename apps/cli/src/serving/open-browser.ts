// Opens an address in the browser of the person who typed the command: on a terminal only, and
// never where a program runs us. When nothing can be opened the address is on the screen all the
// same.

import { spawn } from "node:child_process";
import type { Context } from "../frame/context.js";

export function openBrowser({ env, out }: Context, url: string): void {
  const isPerson = out.stderr.isTTY === true && !out.isJson && !out.isQuiet;
  if (!isPerson || (env.CI ?? "") !== "" || (env.SSH_CONNECTION ?? "") !== "") return;
  const [file, ...args] = openerOf(process.platform);
  const child = spawn(file, [...args, url], { stdio: "ignore", detached: true });
  child.once("error", () => undefined);
  child.unref();
}

function openerOf(platform: NodeJS.Platform): readonly [file: string, ...args: string[]] {
  if (platform === "darwin") return ["open"];
  // `start` takes its first quoted word for a title.
  return platform === "win32" ? ["cmd", "/c", "start", ""] : ["xdg-open"];
}
