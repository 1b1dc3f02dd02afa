/** A kubeconfig with one cluster and one user, as kubectl and the controller manager read it (JSON is YAML). */
export function kubeconfig(options: { server: string; caPath: string; token: string }): string {
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'lab',
      clusters: [{ name: 'lab', cluster: { server: options.server, 'certificate-authority': options.caPath } }],
      users: [{ name: 'lab', user: { token: options.token } }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
    },
    undefined,
    2,
  );
}
