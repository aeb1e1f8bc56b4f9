// A snippet of the README, compiled as it is shown. What it does is shown by text-client.test.ts.

// #region page
import { readText } from "@s2kit/resumable/context/client";

export async function show(id: string, paragraph: HTMLElement): Promise<void> {
  for await (const piece of readText({ url: `/texts/${id}` })) paragraph.append(piece);
}
// #endregion
