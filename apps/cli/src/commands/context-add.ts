// `context add`: endpoints and a token under one name. The token goes where `auth access-token set`
// keeps one. All is checked before anything is written. Spec: cli#contexts.

import { forgetToken, keepToken, keptTokenOf } from "../credentials/kept-token.js";
import { changeConfig, checkedToken, readConfig, requireUrl } from "../files/config-file.js";
import { type ContextEntry, contextsOf, putContext } from "../files/contexts.js";
import { tokenFromPrompt, tokenFromStdin } from "../flags/given-token.js";
import { CLOUD_ENDPOINTS } from "../frame/connection.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { EXIT } from "../values/exit-codes.js";
import { CliError, usageError } from "../values/failure.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { env, out } = context;
  const name = input.need<string>("name");
  const earlier = contextsOf(await readConfig(env)).find((each) => each.name === name);
  if (earlier !== undefined && !input.is("replace"))
    throw new CliError(`there is a context of that name already name=${name}`, {
      exitCode: EXIT.conflict,
      hint: "put another in its place: --replace; its token stays when none is given",
    });
  const endpoints = endpointsOf(input, earlier);
  const given = await tokenOf(context, input);
  const token = given === undefined ? undefined : checkedToken(given);
  const write = async (entry: unknown): Promise<void> => {
    await changeConfig(env, (config) => {
      putContext(config, { name, ...endpoints, token: entry });
      if (input.is("use")) config.context = name;
    });
  };
  let where: string | undefined;
  if (token === undefined) await write(earlier?.token);
  else {
    where = await keepToken(env, token, input.is("insecure-storage"), write);
    const old = keptTokenOf(earlier?.token);
    const leftover = old === undefined ? undefined : await forgetToken(env, old);
    if (leftover !== undefined) out.warn(leftover);
  }
  if (out.isJson) await out.json({ name, replaced: earlier !== undefined, used: input.is("use") });
  out.ok(`Context ${name} ${earlier === undefined ? "added" : "replaced"}`);
  if (where !== undefined) out.say(`  - its token is in ${where}`);
  if (!input.is("use")) out.say(`  - use it: s2kit context use ${name}, or --context ${name}`);
}

type Endpoints = Pick<ContextEntry, "accountEndpoint" | "basinEndpoint">;

/** @throws {CliError} exit code 2 when there are none, or they are no pair */
function endpointsOf(input: Input, earlier: ContextEntry | undefined): Endpoints {
  const account = input.get<string>("endpoint");
  const basin = input.get<string>("basin-endpoint") ?? account;
  if (input.is("cloud")) {
    if (account !== undefined || basin !== undefined)
      throw usageError("option '--cloud' cannot be used with an option for endpoints");
    return { accountEndpoint: CLOUD_ENDPOINTS.account, basinEndpoint: CLOUD_ENDPOINTS.basin };
  }
  if (account === undefined || basin === undefined) {
    if (earlier !== undefined && basin === undefined) return earlier;
    throw usageError(
      "--endpoint is missing",
      "the server of this context: --endpoint URL, with --basin-endpoint where that is another; or --cloud",
    );
  }
  const accountUrl = requireUrl(account, "--endpoint");
  const basinUrl = requireUrl(basin.replace("{basin}", "basin"), "--basin-endpoint");
  if (accountUrl.protocol !== basinUrl.protocol)
    throw usageError("the two endpoints have different schemes");
  return { accountEndpoint: account, basinEndpoint: basin };
}

async function tokenOf(context: Context, input: Input): Promise<string | undefined> {
  const token = input.get<string>("token");
  if (token !== undefined && (input.is("stdin") || input.is("ask")))
    throw usageError("option '--token' cannot be used with --stdin or --ask");
  if (input.is("stdin")) return await tokenFromStdin(context);
  return input.is("ask") ? await tokenFromPrompt(context) : token;
}
