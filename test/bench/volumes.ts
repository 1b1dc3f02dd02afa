import { kubernetesClient } from '@dot-kube/operator';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import type { Lab } from '../lab/index.ts';
import { pool } from './bench-lab.ts';
import { watchUntil } from './watch-until.ts';

export interface VolumeBatch {
  readonly node: string;
  readonly count: number;
  readonly sizeBytes: number;
}

/** Volumes of a lab, watched as any client of the API server would. */
export function volumesOf(lab: Lab) {
  let batches = 0;
  const { outside, ca, adminToken } = lab.access();
  const client = kubernetesClient({ server: outside, ca, token: adminToken }, { userAgent: 'bench' });
  return {
    /** Creates volumes at once. @returns for each, milliseconds from its creation until it was seen Ready */
    async createAtOnce({ node, count, sizeBytes }: VolumeBatch): Promise<number[]> {
      const batch = ++batches;
      const startedMs = new Map<string, number>();
      const readyMs = new Map<string, number>();
      const create = async (name: string): Promise<void> => {
        startedMs.set(name, performance.now());
        await client.create(LocalVolume, volumeObject(name, { node, sizeBytes }));
      };
      await watchUntil(
        client,
        LocalVolume,
        async () => {
          await Promise.all(Array.from({ length: count }, (_, index) => create(`bench-${batch}-${index}`)));
        },
        ({ metadata, status }) => {
          const { name } = metadata;
          const isNews = startedMs.has(name) && !readyMs.has(name);
          if (isNews && status?.state === 'Ready') readyMs.set(name, performance.now());
          return readyMs.size === count;
        },
      );
      return [...readyMs].map(([name, seenMs]) => seenMs - (startedMs.get(name) ?? NaN));
    },

    close: () => client.close(),
  };
}

const volumeObject = (name: string, { node, sizeBytes }: { node: string; sizeBytes: number }): LocalVolume => ({
  metadata: { name },
  spec: {
    poolName: pool,
    requiredCapacityBytes: sizeBytes,
    replicaNumber: 1,
    convertible: false,
    delete: false,
    accessibility: { nodes: [node], zones: ['default'], regions: ['default'] },
  },
});
