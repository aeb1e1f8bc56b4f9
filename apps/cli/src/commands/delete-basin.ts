// `delete-basin`: asks for the name on a terminal, since its streams go too. Deletion is
// asynchronous; `--wait` stays until the name is gone. Spec: cli#deletion.

import { confirmName } from "../frame/confirm.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { waitUntilGone } from "../frame/wait-until-gone.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const basin = input.need<string>("basin");
  await confirmName(context, input, `basin ${basin} with all its streams`, basin);
  const client = await context.client();
  await client.basins.delete({ basin, ignoreNotFound: input.is("if-exists") });
  if (input.is("wait") && context.out.stderr.isTTY === true)
    context.out.dim("waiting until it is gone");
  if (input.is("wait"))
    await waitUntilGone(context.interrupt, () => client.basins.getConfig({ basin }));
  if (context.out.isJson) await context.out.json({ basin, deleted: input.is("wait") });
  else context.out.ok(input.is("wait") ? "Basin deleted" : "Basin deletion requested");
}
