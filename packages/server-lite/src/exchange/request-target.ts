// Takes a request target apart, in each form that HTTP has: `/path?query` from clients, a whole URL
// from those that think they speak to a proxy, `*` for the server as such. Only the text; what a
// path means is the router's. Spec: RFC 9112 section 3.2.

export interface RequestTarget {
  /** As it came, percent-encoding included; `*` for the server as such. */
  readonly path: string;
  /** Without the question mark; empty without a query. */
  readonly query: string;
  /** Of a target that is a whole URL: counts instead of the `host` header, whatever that says. */
  readonly authority: string | undefined;
}

/** Any scheme: what the front of TLS passes on may say `https`. */
const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i;

export function parseRequestTarget(target: string): RequestTarget {
  const authority = target.startsWith("/") ? undefined : ABSOLUTE_FORM.exec(target);
  const rest = authority ? target.slice(authority[0].length) : target;
  const mark = rest.indexOf("?");
  const path = mark < 0 ? rest : rest.slice(0, mark);
  return {
    // A URL may leave out the path, and means the root.
    path: path === "" ? "/" : path,
    query: mark < 0 ? "" : rest.slice(mark + 1),
    authority: authority?.[1],
  };
}
