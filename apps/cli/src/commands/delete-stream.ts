// `delete-stream`: asks on a terminal. Deletion is asynchronous; `--wait` stays until the name is
// gone. Spec: cli#deletion.

import { confirmName } from "../frame/confirm.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { waitUntilGone } from "../frame/wait-until-gone.js";
import { formatStreamUri, type StreamUri } from "../values/uri.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { basin, stream } = input.need<StreamUri>("uri");
  const uri = formatStreamUri(basin, stream);
  await confirmName(context, input, `stream ${uri}`, undefined);
  const { streams } = (await context.client()).basin(basin);
  await streams.delete({ stream, ignoreNotFound: input.is("if-exists") });
  if (input.is("wait") && context.out.stderr.isTTY === true)
    context.out.dim("waiting until it is gone");
  if (input.is("wait")) await waitUntilGone(context.interrupt, () => streams.getConfig({ stream }));
  if (context.out.isJson) await context.out.json({ uri, deleted: input.is("wait") });
  else context.out.ok(input.is("wait") ? "Stream deleted" : "Stream deletion requested");
}
