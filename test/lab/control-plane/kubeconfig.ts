/** A kubeconfig with one cluster and one user, as kubectl and the controller manager read it (JSON is YAML). */
export function kubeconfig(options: {
  server: string;
  caPath: string;
  token?: string;
  /** In place of the token itself. */
  tokenPath?: string;
}): string {
  const user = options.tokenPath === undefined ? { token: options.token } : { tokenFile: options.tokenPath };
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'lab',
      clusters: [{ name: 'lab', cluster: { server: options.server, 'certificate-authority': options.caPath } }],
      users: [{ name: 'lab', user }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
    },
    undefined,
    2,
  );
}
