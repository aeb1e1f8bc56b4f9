// One process per role: servers, load generators and references never share an event loop. The
// parent calls methods of a role over the channel that `fork` opens; a role ends with its parent.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const HOST = fileURLToPath(new URL("role-host.ts", import.meta.url));

/** The methods of a role as the parent sees them. */
export type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (argument: infer A) => Promise<infer R>
    ? (argument: A) => Promise<R>
    : never;
};

export interface Role<T> extends AsyncDisposable {
  readonly call: Remote<T>;
  close(): Promise<void>;
}

export interface RoleOptions {
  /** Where the role leaves its CPU profile; none without. */
  readonly profileDirectory?: string | undefined;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Starts `roles/<name>.ts` with its options. Rejects when it cannot open. */
export async function startRole<T>(
  name: string,
  settings: object,
  { profileDirectory }: RoleOptions = {},
): Promise<Role<T>> {
  const profile =
    profileDirectory === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDirectory}`];
  const child = fork(HOST, [name, JSON.stringify(settings)], {
    execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning", ...profile],
    serialization: "advanced",
  });
  const calls = channelOf(child);
  await calls.first;
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.disconnect();
    await exited;
  };
  const call = new Proxy({} as Remote<T>, {
    get: (_, method) => (argument: unknown) => calls.send(String(method), argument),
  });
  return { call, close, [Symbol.asyncDispose]: close };
}

function channelOf(child: ChildProcess): {
  readonly first: Promise<unknown>;
  send(method: string, argument: unknown): Promise<unknown>;
} {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  const expect = (id: number): Promise<unknown> => {
    const done = Promise.withResolvers<unknown>();
    waiting.set(id, done);
    return done.promise;
  };
  child.on("message", (message) => {
    const { id, value, error } = message as Answer;
    const done = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) done?.resolve(value);
    else done?.reject(new Error(error));
  });
  child.once("exit", (code) => {
    for (const done of waiting.values()) done.reject(new Error(`a role ended code=${code}`));
  });
  return {
    // The host answers number 0 when the role is open.
    first: expect(0),
    send(method, argument) {
      const id = ++lastId;
      child.send({ id, method, argument });
      return expect(id);
    },
  };
}
