// Runs the worker of a project in workerd, the runtime of workers at the edge.

import { spawn } from "node:child_process";
import { join } from "node:path";

/** @throws when it does not listen within 20 s, with what it said */
export async function startWorkerd(
  directory: string,
): Promise<AsyncDisposable & { readonly url: string }> {
  const program = join(directory, "node_modules/@cloudflare/workerd-linux-64/bin/workerd");
  const child = spawn(program, ["serve", "workerd.capnp", "--control-fd=3"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let said = "";
  const gone = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (): void => reject(new Error(`workerd does not listen:\n${said}`));
    const timer = setTimeout(fail, 20_000);
    child.on("error", fail);
    child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.stdio[3]?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const found = /"event":"listen".*?"port":(\d+)/.exec(said);
      if (found === null) return;
      clearTimeout(timer);
      resolve(Number(found[1]));
    });
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      child.kill();
      await gone;
    },
  };
}
