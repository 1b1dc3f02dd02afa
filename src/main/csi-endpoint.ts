/**
 * The path of the socket that a CSI endpoint names.
 * @param endpoint as it was given on the command line
 * @throws Error when it is no socket of this machine
 */
export function socketPathOf(endpoint: string): string {
  const path = /^unix:(?:\/\/)?(\/(?!\/).+)$/.exec(endpoint)?.[1];
  if (path === undefined)
    throw new Error(
      `--csi-endpoint=${endpoint} is no socket. Give unix:// and an absolute path, as unix:///csi/csi.sock.`,
    );
  return path;
}
