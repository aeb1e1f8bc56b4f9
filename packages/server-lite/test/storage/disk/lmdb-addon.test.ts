// Which of the prebuilt binaries of LMDB is taken. That the built server finds and loads it is shown by the packed
// packages (tests/packages).

import { expect, test } from "vitest";
import { chooseAddon } from "../../../src/storage/disk/state/lmdb-addon.js";

const LINUX = [
  "README.md",
  "index.js",
  "node.abi115.glibc.node",
  "node.abi127.glibc.node",
  "node.napi.glibc.node",
  "node.napi.musl.node",
  "package.json",
];

test.each([
  ["127", "glibc", "node.abi127.glibc.node"],
  ["137", "glibc", "node.napi.glibc.node"],
  [undefined, "glibc", "node.napi.glibc.node"],
  ["127", "musl", "node.napi.musl.node"],
  ["12", "glibc", "node.napi.glibc.node"],
] as const)("ABI %s with %s takes %s", (abi, libc, file) => {
  expect(chooseAddon(LINUX, { abi, libc })).toBe(file);
});

test("platforms with one C library have one file", () => {
  const files = ["index.js", "node.napi.node"];
  expect(chooseAddon(files, { abi: "137", libc: undefined })).toBe("node.napi.node");
});

test("nothing fits where there is nothing for the C library", () => {
  const files = ["node.abi127.glibc.node", "node.napi.glibc.node"];
  expect(chooseAddon(files, { abi: "127", libc: "musl" })).toBeUndefined();
});
