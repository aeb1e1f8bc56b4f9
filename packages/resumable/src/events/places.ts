// Where a page goes on, as its request says it, and what is answered for a place that is none or
// that is gone. Knows no host.

/** `?from=`, else `Last-Event-ID`; NaN for what is no place. */
export function placeIn(request: Request): number | undefined {
  const asked = new URL(request.url).searchParams.get("from");
  const text = asked ?? request.headers.get("last-event-id");
  if (text === null || text === "") return undefined;
  return /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
}

export function isPlace(from: number): boolean {
  return Number.isSafeInteger(from) && from >= 0;
}

export function noPlace(): Response {
  return Response.json({ error: "from must be the id of an event" }, { status: 400 });
}

export function placeGone(): Response {
  return Response.json({ error: "what was there has been removed" }, { status: 410 });
}
