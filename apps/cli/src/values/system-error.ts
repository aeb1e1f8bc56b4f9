// Errors of the operating system in a sentence: what Node says for them ("getaddrinfo ENOTFOUND x",
// "EEXIST: file already exists, mkdir 'y'") is a call of its inside. The code stays at the end, to
// be searched for. Pure. Spec: cli#failures.

const SENTENCES: Readonly<Record<string, string>> = {
  EACCES: "no permission",
  EADDRINUSE: "another program has the port",
  EADDRNOTAVAIL: "this machine has no such address",
  EAGAIN: "the system has no more of what is needed; try again",
  EAI_AGAIN: "the name service does not answer",
  EBUSY: "something else is using it",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the other side broke the connection off",
  EDQUOT: "the quota of the disk is used up",
  EEXIST: "something is there already",
  EFBIG: "the file would be larger than is allowed",
  EHOSTUNREACH: "the host cannot be reached",
  EIO: "the device or the terminal is gone",
  EISDIR: "it is a directory",
  ELOOP: "symbolic links lead in a circle",
  EMFILE: "this process has too many files open",
  ENAMETOOLONG: "the name is too long",
  ENETUNREACH: "the network cannot be reached",
  ENFILE: "the system has too many files open",
  ENOENT: "there is no such file or directory",
  ENOSPC: "no space is left on the device",
  ENOTDIR: "part of the path is a file, not a directory",
  ENOTEMPTY: "the directory is not empty",
  ENOTFOUND: "the name service does not know the host",
  EPERM: "the system does not allow it",
  EPIPE: "nobody reads what is written",
  EROFS: "the file system is read-only",
  ETIMEDOUT: "no answer came in time",
};

/**
 * What went wrong, its place and its code: `no permission path=/x (EACCES)`.
 *
 * @returns undefined for what is no error of the system, or one without a sentence of ours
 */
export function systemErrorText(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, hostname, address, port } = error as SystemError;
  const sentence = code === undefined ? undefined : SENTENCES[code];
  if (sentence === undefined) return undefined;
  const place = [
    path === undefined ? "" : ` path=${path}`,
    hostname === undefined ? "" : ` host=${hostname}`,
    address === undefined ? "" : ` address=${address}`,
    port === undefined ? "" : ` port=${port}`,
  ];
  return `${sentence}${place.join("")} (${code})`;
}

interface SystemError extends NodeJS.ErrnoException {
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
}
