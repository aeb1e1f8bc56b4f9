// Texts as a web stream that begins within them. Reads no further than it is read.

/** @param skipUnits - UTF-16 units to leave out at the beginning */
export function skipping(
  texts: AsyncGenerator<string, void, undefined>,
  skipUnits: number,
): ReadableStream<string> {
  let left = skipUnits;
  return new ReadableStream<string>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await texts.next();
          if (done === true) return controller.close();
          const rest = value.slice(left);
          left -= Math.min(left, value.length);
          if (rest !== "") return controller.enqueue(rest);
        }
      },
      async cancel() {
        await texts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
