// Planted faults of what tells about the code: the description of the API, the pages of the site. See ../mutants.mjs.

const OPENAPI = "packages/server-lite/src/exchange/openapi";
const OPENAPI_TEST = "packages/server-lite/test/routes/openapi.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "N19-route-left-out",
    fault: "the description of the API lacks a route",
    file: `${OPENAPI}/describe-api.ts`,
    change: [
      [
        "Object.entries(ROUTES) as [RouteName, Route][])",
        "(Object.entries(ROUTES) as [RouteName, Route][]).slice(1))",
      ],
    ],
    test: OPENAPI_TEST,
    name: "has the routes of the table",
  },
  {
    id: "N19-field-left-out",
    fault: "the description of a stream lacks a field that answers have",
    file: `${OPENAPI}/account-schemas.ts`,
    change: [['    cipher: nullable(choice("of its records", STREAM_CIPHERS)),\n', ""]],
    test: OPENAPI_TEST,
    name: "is what the description says",
  },
  {
    id: "N19-status-left-out",
    fault: "the description of reads does not know 416",
    file: `${OPENAPI}/record-operations.ts`,
    change: [["    failures: [404, 409, 416, 422],", "    failures: [404, 409, 422],"]],
    test: OPENAPI_TEST,
    name: "is what the description says",
  },
];
