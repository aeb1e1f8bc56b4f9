// Row 1: basins and streams, listed in every way there is.

import { expect } from "vitest";
import { lines, normal } from "../harness/output.js";
import type { Row } from "../harness/row.js";

export const listing: Row = {
  number: 1,
  title: "list-basins, ls and list-streams with prefixes, starts, limits and single pages",
  cases: {
    "basins, one a line": async (shell, cell) => {
      const shown = (name: string): string => `${name}${cell.expected("basin location")}`;
      const [a, b, c] = ["row1-ls-a-one", "row1-ls-a-two", "row1-ls-b-one"];
      for (const basin of [a, b, c]) {
        const { stdout, stderr } = await shell.ok(["create-basin", basin]);
        expect([stdout, stderr]).toEqual(["", "✓ Basin created\n"]);
      }
      const list = async (...args: string[]): Promise<string[]> =>
        lines((await shell.ok(args)).stdout);
      expect(await list("list-basins", "--prefix", "row1-ls-")).toEqual([a, b, c].map(shown));
      expect(await list("ls", "-p", "row1-ls-a")).toEqual([a, b].map(shown));
      expect(await list("list-basins", "-p", "row1-ls-", "-s", a)).toEqual([b, c].map(shown));
      expect(await list("list-basins", "-p", "row1-ls-", "--limit", "2")).toEqual(
        [a, b].map(shown),
      );
      expect(await list("ls", "-p", "row1-ls-", "-n", "1", "--no-auto-paginate")).toEqual([
        shown(a),
      ]);
      expect(await list("ls", "-p", "row1-none")).toEqual([]);
      expect(await list("ls")).toEqual(expect.arrayContaining([a, b, c].map(shown)));
    },

    "streams as URIs that can be piped back": async (shell, cell) => {
      const basin = "row1-streams";
      await shell.ok(["create-basin", basin]);
      const uris = ["/x", "a/1", "a/2", "b"].map((name) => `s2://${basin}/${name}`);
      for (const uri of uris) {
        const { stdout, stderr } = await shell.ok(["create-stream", uri]);
        expect([stdout, stderr]).toEqual(["", "✓ Stream created\n"]);
      }
      const list = async (...args: string[]): Promise<string[]> =>
        lines(normal((await shell.ok(args)).stdout));
      expect(await list("list-streams", basin)).toEqual(uris);
      expect(await list("list-streams", `s2://${basin}`)).toEqual(uris);
      expect(await list("list-streams", `s2://${basin}/`)).toEqual(uris);
      expect(await list("list-streams", `s2://${basin}/a/`)).toEqual(uris.slice(1, 3));
      expect(await list("list-streams", `s2://${basin}//`)).toEqual(uris.slice(0, 1));
      expect(await list("list-streams", basin, "-p", "a/", "-s", "a/1")).toEqual([uris[2]]);
      expect(await list("list-streams", basin, "-n", "3")).toEqual(uris.slice(0, 3));
      const page = ["-s", "a/1", "-n", "1", "--no-auto-paginate"];
      expect(await list("list-streams", basin, ...page)).toEqual([uris[2]]);
      expect(await list("ls", `s2://${basin}/a`)).toEqual(
        uris.slice(1, 3).map((uri) => `${uri} <date>`),
      );
      const twice = ["list-streams", `s2://${basin}/a`, "--prefix", "b"];
      if (cell.expected("prefix given twice") === "uri wins")
        expect(lines((await shell.ok(twice)).stdout)).toEqual(uris.slice(1, 3));
      else await shell.fails(twice, 2, "prefix is given twice");
    },

    "more than a page is fetched to its end": async (shell, cell) => {
      const basin = "row1-many";
      await shell.ok(["create-basin", basin]);
      const names = Array.from({ length: 1_005 }, (_, i) => `s${String(i).padStart(4, "0")}`);
      const headers = { "s2-basin": basin, authorization: "Bearer ignored" };
      // Not through the command: a thousand processes are no case of this row.
      const create = (name: string): Promise<Response> =>
        fetch(`${cell.url}/v1/streams/${name}`, { method: "PUT", headers });
      for (let from = 0; from < names.length; from += 50) {
        const answers = await Promise.all(names.slice(from, from + 50).map(create));
        expect(answers.every(({ status }) => status === 201)).toBe(true);
      }
      const count = async (...args: string[]): Promise<number> =>
        lines((await shell.ok(["list-streams", basin, ...args])).stdout).length;
      expect(await count()).toBe(1_005);
      expect(await count("--no-auto-paginate")).toBe(1_000);
      expect(await count("--limit", "1002")).toBe(1_002);
    },
  },
};
