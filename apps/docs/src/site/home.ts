// The first page of the site: what this is, in a breath, and where to go. The rest is in docs/.
// Called by main.ts; knows the paths of pages, which the generator checks.

const FEATURES: readonly (readonly [title: string, details: string, link: string])[] = [
  [
    "Nothing acknowledged is lost",
    "An append is answered when it is durable, and seen by nobody before. Proven by kill -9, power loss and bad disks, thousands of times.",
    "/proof",
  ],
  [
    "Appends that mean it",
    "Match a sequence number, hold a fencing token: exactly the record you meant, exactly once, by exactly one writer.",
    "/guides/appending",
  ],
  [
    "Live, to the last hop",
    "Readers follow at the tail and resume after any disconnect, in Node, in browsers by EventSource, over HTTP/2 or WebSocket.",
    "/guides/reading",
  ],
  [
    "A server of your own",
    "One process, one port: in memory beside your tests, on a disk, or in an S3-compatible bucket.",
    "/guides/self-hosting",
  ],
  [
    "Tokens that stay small",
    "Scopes by operation, basin and stream prefix; tenants that never meet; read tickets for pages.",
    "/guides/tokens",
  ],
  [
    "Checked from outside",
    "A conformance suite that shares no code with what it checks, for this server and for any other.",
    "/conformance",
  ],
];

/** The page, as Markdown with the data of the generator's home layout. */
export function homePage(): string {
  const features = FEATURES.map(([title, details, link]) =>
    [`  - title: ${quoted(title)}`, `    details: ${quoted(details)}`, `    link: ${link}`].join(
      "\n",
    ),
  );
  return [
    "---",
    "layout: home",
    "hero:",
    "  name: s2kit",
    '  text: "Durable streams, in TypeScript"',
    '  tagline: "A complete, open implementation of S2, the stream store: client, producer, command line, and a server you can embed or run."',
    "  actions:",
    "    - { theme: brand, text: Quickstart, link: /quickstart }",
    "    - { theme: alt, text: Concepts, link: /concepts }",
    "    - { theme: alt, text: Run a server, link: /guides/self-hosting }",
    "features:",
    ...features,
    "---",
    "",
  ].join("\n");
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
