import { describe, inject } from 'vitest';
import { busyboxImage } from '../../lab/images.ts';
import { connectLab, type Lab } from '../../lab/index.ts';

const provided = inject('clusterLab');

/** Like `describe`, for tests on the lab of this level; on a machine that can't run one, they count as skipped. */
export function describeOnCluster(name: string, tests: (lab: () => Lab) => void): void {
  if ('missing' in provided) describe.skip(`${name} (skipped: ${provided.missing})`, () => tests(() => connectLab()));
  else describe(name, () => tests(() => connectLab(provided.name)));
}

/** A pod that runs a shell script, on that node. */
export const pod = (name: string, node: string, script: string, labels: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: {
    nodeSelector: { 'kubernetes.io/hostname': node },
    terminationGracePeriodSeconds: 1,
    // A node that was off for a while is Ready again before its pods would be taken away.
    tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
    containers: [{ name: 'main', image: busyboxImage, imagePullPolicy: 'Never', command: ['sh', '-c', script] }],
  },
});

/** Ready, and how often its container was started anew: `True 0`. */
export const readiness = async (lab: Lab, name: string): Promise<string> => {
  const path = '{.status.conditions[?(@.type=="Ready")].status} {.status.containerStatuses[0].restartCount}';
  return (await lab.kubectl(['get', 'pod', name, '-o', `jsonpath=${path}`])).stdout;
};
