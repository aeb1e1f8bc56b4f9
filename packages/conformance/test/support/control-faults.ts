// Faults of the control plane and of what all routes share, that servers have had, or could: each with the case that must find it.

import type { Fault } from "./doctor.js";
import { edit, without } from "./spoil.js";

export const CONTROL_FAULTS: readonly Fault[] = [
  { name: "answers may be stored", caughtBy: "rules/no-store", head: without("cache-control") },
  { name: "no provision result", caughtBy: "basins/ensure", head: without("s2-provision-result") },
  {
    name: "a repetition in other words is created anew",
    caughtBy: "basins/request-token-in-other-words",
    head: (head, method, path) => {
      if (method === "POST" && path === "/v1/basins" && head.status === 201)
        head.headers["s2-provision-result"] = "created";
    },
  },
  {
    name: "an explicit default counts as unset",
    caughtBy: "basins/ensure-unset-is-not-the-default",
    head: (head, method) => {
      if (method === "PUT" && head.status === 200) head.headers["s2-provision-result"] = "noop";
    },
  },
  {
    name: "errors as text",
    caughtBy: "routes/error-body",
    head: (head) => {
      if (head.status >= 400) head.headers["content-type"] = "text/plain";
    },
  },
  {
    name: "405 without Allow",
    caughtBy: "routes/wrong-method-patch-basins",
    head: without("allow"),
  },
  {
    name: "a plain stream shows a cipher",
    caughtBy: "streams/create",
    text: (text, method, path) =>
      method === "POST" && path === "/v1/streams"
        ? edit((value) => {
            value.cipher = "none";
          })(text)
        : text,
  },
  {
    name: "a list that is not sorted",
    caughtBy: "lists/order",
    text: (text, method, path) =>
      method === "GET" && /\/v1\/streams(\?|$)/.test(path)
        ? edit((value) => {
            value.streams?.reverse();
          })(text)
        : text,
  },
  {
    name: "has_more is always true",
    caughtBy: "lists/pages",
    text: edit((value) => {
      if ("has_more" in value) value.has_more = true;
    }),
  },
  {
    name: "start_after is not strict",
    caughtBy: "lists/pages",
    ask: (asked) => {
      asked.path = asked.path.replace(
        /start_after=(\w)(\d)/,
        (_, letter: string, digit: string) => `start_after=${letter}${Number(digit) - 1}`,
      );
    },
  },
  {
    name: "pages of basins hold one more",
    caughtBy: "lists/basin-pages",
    ask: (asked) => {
      if (asked.path.startsWith("/v1/basins?"))
        asked.path = asked.path.replace(/limit=1$/, "limit=2");
    },
  },
  {
    name: "a reset leaf is kept",
    caughtBy: "streams/reconfigure-each-leaf",
    text: (text, method) =>
      method === "PATCH"
        ? edit((value) => {
            if (value.delete_on_empty) value.delete_on_empty.min_age_secs = 5;
          })(text)
        : text,
  },
  {
    name: "times without a zone",
    caughtBy: "json/times",
    text: edit((value) => {
      if (typeof value.created_at === "string")
        value.created_at = value.created_at.replace("Z", "");
    }),
  },
  {
    name: "nulls are left out",
    caughtBy: "json/nulls-written",
    text: edit((value) => {
      for (const [key, each] of Object.entries(value)) if (each === null) delete value[key];
    }),
  },
  {
    name: "a default is not shown",
    caughtBy: "streams/defaults",
    text: edit((value) => {
      if ("retention_policy" in value) delete value.delete_on_empty;
    }),
  },
  {
    name: "content is never compressed",
    caughtBy: "rules/answer-gzip",
    ask: (asked) => {
      delete asked.headers["accept-encoding"];
    },
  },
  {
    name: "a revoked token lives on",
    caughtBy: "tokens/issue-and-revoke",
    ask: (asked) => {
      if (asked.method === "DELETE" && asked.path.includes("access-tokens")) {
        asked.method = "GET";
        asked.path = "/v1/access-tokens";
      }
    },
    head: (head, method, path) => {
      if (method === "GET" && path === "/v1/access-tokens" && head.status === 200)
        head.status = 204;
    },
  },
];
