// Loaded into the built command before it starts (`node --import`): sees each step that changes files,
// in order, and can end the process with SIGKILL at one of them. The command itself is untouched.
//
//   S2KIT_STEP_LOG=FILE      a line for each step: its name and the file
//   S2KIT_KILL_AT_STEP=N     end at step N (from 1)
//   S2KIT_KILL_SIDE=before|half|after    default before; half writes the first half of the bytes

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";

const { S2KIT_STEP_LOG: log, S2KIT_KILL_AT_STEP: killAt, S2KIT_KILL_SIDE: side } = process.env;
const { appendFileSync } = fs;
const promises = fs.promises;
const paths = new WeakMap();
let steps = 0;

/** Runs one step, unless the process ends at it. */
async function step(name, path, run, runHalf = run) {
  steps++;
  if (log !== undefined) appendFileSync(log, `${name} ${basename(String(path))}\n`);
  const isLast = steps === Number(killAt);
  if (isLast && side !== "after" && side !== "half") end();
  const result = await (isLast && side === "half" ? runHalf() : run());
  if (isLast) end();
  return result;
}

function end() {
  process.kill(process.pid, "SIGKILL");
}

function halfOf(data) {
  return data.slice(0, Math.floor(data.length / 2));
}

function watchHandle(handle, path) {
  paths.set(handle, path);
  for (const name of ["appendFile", "writeFile"]) {
    const original = handle[name].bind(handle);
    handle[name] = (data, ...rest) =>
      step(
        "write",
        path,
        () => original(data, ...rest),
        () => original(halfOf(data), ...rest),
      );
  }
  const write = handle.write.bind(handle);
  handle.write = (data, offset = 0, length = data.length - offset, position = null) =>
    step(
      "write",
      path,
      () => write(data, offset, length, position),
      () => write(data, offset, Math.floor(length / 2), position),
    );
  for (const name of ["datasync", "sync", "truncate"]) {
    const original = handle[name].bind(handle);
    handle[name] = (...args) => step("sync", path, () => original(...args));
  }
  return handle;
}

const { open } = promises;
promises.open = async (path, flags = "r", ...rest) => {
  if (flags === "r" || typeof flags === "number")
    return watchHandle(await open(path, flags, ...rest), path);
  return await step("open", path, async () => watchHandle(await open(path, flags, ...rest), path));
};
for (const name of ["rename", "link", "unlink", "rm", "truncate"]) {
  const original = promises[name];
  promises[name] = (...args) =>
    step(name, args[name === "rename" || name === "link" ? 1 : 0], () => original(...args));
}
syncBuiltinESMExports();
