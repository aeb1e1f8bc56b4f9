// Which proxy the environment names for an address, and whether it is used: Node's fetch and
// WebSocket take it with NODE_USE_ENV_PROXY=1 alone, sessions over HTTP/2 never do. What a variable
// holds besides the host is not shown, it may be a password. Pure. Spec: cli#doctor.

import type { Finding } from "./finding.js";

type Environment = Readonly<Record<string, string | undefined>>;

export function proxyFinding(env: Environment, url: URL): Finding {
  const check = "proxy";
  const own = url.protocol === "https:" ? ["https_proxy", "HTTPS_PROXY"] : [];
  const used = named(env, [...own, "http_proxy", "HTTP_PROXY"]);
  const variable = used ?? named(env, ["all_proxy", "ALL_PROXY"]);
  if (variable === undefined)
    return { check, state: "ok", text: "no variable names one for this address" };
  const shown = `${variable}=${hostOf(env[variable] ?? "")}`;
  if (used === undefined)
    return {
      check,
      state: "warn",
      text: `${shown} is not used: this command connects directly`,
      next: "to go through it: HTTPS_PROXY or HTTP_PROXY, with NODE_USE_ENV_PROXY=1",
    };
  const except = named(env, ["no_proxy", "NO_PROXY"]);
  if (except !== undefined && isExcepted(env[except] ?? "", url))
    return { check, state: "ok", text: `${shown}, but not for this address (${except})` };
  if (env.NODE_USE_ENV_PROXY !== "1")
    return {
      check,
      state: "warn",
      text: `${shown} is not used: this command connects directly`,
      next: "to go through it: NODE_USE_ENV_PROXY=1",
    };
  return {
    check,
    state: "warn",
    text: `${shown} carries calls and WebSockets; HTTP/2 connects directly`,
    next: "if nothing gets out directly, sessions by HTTP/2 will not work",
  };
}

/** The first that is set and not empty. */
function named(env: Environment, names: readonly string[]): string | undefined {
  return names.find((name) => (env[name] ?? "") !== "");
}

function hostOf(proxy: string): string {
  try {
    return new URL(proxy.includes("://") ? proxy : `http://${proxy}`).host;
  } catch {
    return "(not a URL)";
  }
}

/** As Node reads the list: names, names below a leading dot or star, each perhaps with a port. */
function isExcepted(list: string, { hostname, port, protocol }: URL): boolean {
  const host = hostname.toLowerCase();
  const ownPort = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  return list
    .split(/[,\s]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      const [, name = entry, entryPort] = /^(.+):(\d+)$/.exec(entry) ?? [];
      if (entryPort !== undefined && entryPort !== ownPort) return false;
      const wanted = name.toLowerCase();
      return /^[.*]/.test(wanted) ? host.endsWith(wanted.replace(/^\*/, "")) : host === wanted;
    });
}
