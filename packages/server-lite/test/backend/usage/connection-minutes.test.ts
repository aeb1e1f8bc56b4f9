// A minute of appends or of a read session on one connection is one operation, and what is kept to
// know so is bounded.

import { expect, it } from "vitest";
import {
  ConnectionMinutes,
  MAX_REMEMBERED_USES,
} from "../../../src/backend/usage/connection-minutes.js";

const NOW = 1_000 * 60_000;

it("begins an operation with the first use in a minute", () => {
  const use = new ConnectionMinutes().use({}, "append", 1);
  const begun = [0, 1, 59_999, 60_000, 60_001].map((offset) => use.begins(NOW + offset));
  expect(begun).toEqual([1, 0, 0, 1, 0]);
});

it("counts sessions on one connection together, and all else apart", () => {
  const minutes = new ConnectionMinutes();
  const connection = {};
  const uses = [
    minutes.use(connection, "append", 1),
    minutes.use(connection, "append", 1),
    minutes.use(connection, "read", 1),
    minutes.use(connection, "append", 2),
    minutes.use({}, "append", 1),
  ];
  expect(uses.map((use) => use.begins(NOW))).toEqual([1, 0, 1, 1, 1]);
  expect(uses.map((use) => use.begins(NOW + 1))).toEqual([0, 0, 0, 0, 0]);
  expect(uses.map((use) => use.begins(NOW + 60_000))).toEqual([1, 0, 1, 1, 1]);
});

it("forgets with the minute what idle connections did in it", () => {
  const minutes = new ConnectionMinutes();
  const idle = {};
  for (let streamId = 1; streamId <= 1000; streamId++)
    minutes.use(idle, "append", streamId).begins(NOW);
  expect(minutes.remembered).toBe(1000);
  minutes.use({}, "append", 1).begins(NOW + 60_000);
  expect(minutes.remembered).toBe(1);
});

it("remembers a bounded number of uses, and counts each request of the others", () => {
  const minutes = new ConnectionMinutes();
  const connection = {};
  for (let streamId = 0; streamId < MAX_REMEMBERED_USES; streamId++)
    minutes.use(connection, "append", streamId).begins(NOW);
  const session = minutes.use(connection, "append", MAX_REMEMBERED_USES);
  expect([session.begins(NOW), session.begins(NOW)]).toEqual([1, 0]);
  const again = minutes.use(connection, "append", MAX_REMEMBERED_USES);
  expect(again.begins(NOW)).toBe(1);
  expect(minutes.use(connection, "append", 0).begins(NOW)).toBe(0);
  expect(minutes.remembered).toBe(MAX_REMEMBERED_USES);
});
