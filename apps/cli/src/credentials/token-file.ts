// A stored token in a file of its own, mode 0600, for machines without a secret store: only when
// asked for with --insecure-storage. The same file that the field's other command writes.
// Spec: cli#stored-tokens.

import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { configDirectory } from "../files/config-file.js";
import { makePrivateDirectory, refuseSymlink, replaceFile } from "../files/private-file.js";
import type { SecretStore } from "./secret-store.js";

/** Accounts are `access-token:<id>`; the name of the file tells nothing of the id. */
export function openTokenFiles(env: NodeJS.ProcessEnv): SecretStore {
  const directory = configDirectory(env);
  const pathOf = (account: string): string => {
    const id = account.slice(account.indexOf(":") + 1);
    const hash = createHash("sha256").update(id).digest("base64url");
    return join(directory, `access-token-${hash}.json`);
  };
  return {
    label: `a file of mode 0600 in ${directory}`,
    async put(account, secret) {
      await makePrivateDirectory(directory);
      await replaceFile(pathOf(account), `${secret}\n`);
    },
    async get(account) {
      try {
        await refuseSymlink(directory);
        return await readFile(pathOf(account), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async remove(account) {
      try {
        await rm(pathOf(account));
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
        throw error;
      }
    },
  };
}
