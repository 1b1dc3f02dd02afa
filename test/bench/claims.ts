import { builtin, kubernetesClient, type PersistentVolumeClaim, type Pod } from '@dot-kube/operator';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { mib } from '../../src/api/units.ts';
import type { Lab } from '../lab/index.ts';
import { busyboxImage } from '../lab/images.ts';
import { watchUntil } from './watch-until.ts';

const namespace = 'default';
export const storageClassName = 'bench';

const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: storageClassName },
  provisioner: 'lvm.hwameistor.io',
  parameters: { poolClass: 'HDD', replicaNumber: '1', 'csi.storage.k8s.io/fstype': 'ext4' },
  volumeBindingMode: 'WaitForFirstConsumer',
};

interface ClaimTimes {
  /** From the creation of each claim and its pod until the pod was seen Ready. */
  readonly podReadyMs: readonly number[];
  /** From when each LocalVolume was first seen until it was seen Ready. */
  readonly volumeReadyMs: readonly number[];
}

/** Claims of a lab, each with a pod that uses it, watched as any client of the API server would. */
export async function claimsOf(lab: Lab) {
  let batches = 0;
  const { outside, ca, adminToken } = lab.access();
  const client = kubernetesClient({ server: outside, ca, token: adminToken }, { userAgent: 'bench' });
  await lab.runKubectl(['apply', '-f', '-'], { input: JSON.stringify(storageClass) });
  return {
    /** Creates claims and their pods at once, and waits until every pod runs. They stay. */
    async createAtOnce(count: number, sizeBytes: number): Promise<ClaimTimes> {
      const batch = ++batches;
      const pods = stopwatch();
      const volumes = stopwatch();
      const names = Array.from({ length: count }, (_, index) => `bench-${batch}-${index}`);
      const create = async (name: string): Promise<void> => {
        pods.start(name);
        await client.create(builtin.PersistentVolumeClaim, claim(name, sizeBytes));
        await client.create(builtin.Pod, pod(name));
      };
      const volumesReady = watchUntil(
        client,
        LocalVolume,
        async () => undefined,
        ({ metadata, spec, status }) => {
          if (!names.includes(spec.pvcName ?? '')) return false;
          volumes.start(metadata.name);
          if (status?.state === 'Ready') volumes.end(metadata.name);
          return volumes.ended().length === count;
        },
      );
      await watchUntil(
        client,
        builtin.Pod,
        async () => void (await Promise.all(names.map(create))),
        (seen) => {
          if (names.includes(seen.metadata.name) && isReady(seen)) pods.end(seen.metadata.name);
          return pods.ended().length === count;
        },
      );
      await volumesReady;
      return { podReadyMs: pods.ended(), volumeReadyMs: volumes.ended() };
    },

    close: () => client.close(),
  };
}

/** Times by name; only the first start and the first end count. */
function stopwatch() {
  const started = new Map<string, number>();
  const durations = new Map<string, number>();
  return {
    start(name: string): void {
      if (!started.has(name)) started.set(name, performance.now());
    },
    end(name: string): void {
      const since = started.get(name);
      if (since !== undefined && !durations.has(name)) durations.set(name, performance.now() - since);
    },
    ended: (): number[] => [...durations.values()],
  };
}

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;

// The framework describes but a part of what these objects have.
const claim = (name: string, sizeBytes: number): PersistentVolumeClaim => {
  const resources = { requests: { storage: `${sizeBytes / mib(1)}Mi` } };
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName, resources };
  return { metadata: { name, namespace }, spec };
};

const pod = (name: string): Pod => {
  const container = {
    name: 'main',
    image: busyboxImage,
    imagePullPolicy: 'Never',
    command: ['sleep', 'infinity'],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: name } }];
  return {
    metadata: { name, namespace },
    spec: { terminationGracePeriodSeconds: 1, containers: [container], volumes },
  };
};
