/** What the demo applies, as a user would write it. */
export const claims = (nodes: readonly string[]): string =>
  nodes
    .map(
      (node) => `apiVersion: hwameistor.io/v1alpha1
kind: LocalDiskClaim
metadata:
  name: ${node}-hdd-claim
spec:
  nodeName: ${node}
  owner: local-storage
  description:
    diskType: HDD
`,
    )
    .join('---\n');

export const volume = (name: string, node: string): string => `apiVersion: hwameistor.io/v1alpha1
kind: LocalVolume
metadata:
  name: ${name}
spec:
  poolName: LocalStorage_PoolHDD
  requiredCapacityBytes: 268435456
  replicaNumber: 1
  accessibility:
    nodes: [${node}]
`;
