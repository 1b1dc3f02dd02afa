import type { CustomObject, CustomResource } from '@dot-kube/operator';
import { z } from 'zod';

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.string(),
});

interface Spec {
  volumeName: string;
  volumeId: string;
  poolName: string;
  nodeName: string;
  requiredCapacityBytes: number;
  delete: boolean;
  /** When somebody last began to write it, on the clock of {@link nowUs}. */
  sentAtUs?: number;
}

interface Status {
  /** Who wrote it: each contender puts its name here. */
  by: string;
  state: string;
  storagePath: string;
  devPath: string;
  disks: string[];
  allocatedCapacityBytes: number;
  synced: boolean;
  conditions: z.infer<typeof condition>[];
}

export type Sample = CustomObject<Spec, Status>;

/** A kind of about the size of a LocalVolumeReplica. */
export const Sample = {
  group: 'bench.example.io',
  version: 'v1',
  kind: 'Sample',
  plural: 'samples',
  scope: 'Cluster',
  spec: z.object({
    volumeName: z.string(),
    volumeId: z.string(),
    poolName: z.string(),
    nodeName: z.string(),
    requiredCapacityBytes: z.int(),
    delete: z.boolean(),
    sentAtUs: z.int().optional(),
  }),
  status: z.object({
    by: z.string(),
    state: z.string(),
    storagePath: z.string(),
    devPath: z.string(),
    disks: z.array(z.string()),
    allocatedCapacityBytes: z.int(),
    synced: z.boolean(),
    conditions: z.array(condition),
  }),
} as unknown as CustomResource<Spec, Status>;

export const sampleName = (n: number): string => `pvc-be53be2a-0b3c-4d4e-9a66-${n.toString(16).padStart(12, '0')}`;

export const sample = (n: number): Sample => ({
  metadata: { name: sampleName(n), labels: { 'bench.example.io/node': `node${n % 100}` } },
  spec: {
    volumeName: sampleName(n),
    volumeId: `7d5e0f3c-${n}`,
    poolName: 'LocalStorage_PoolHDD',
    nodeName: `node${n % 100}`,
    requiredCapacityBytes: 1024 ** 3,
    delete: false,
  },
});

/** What a pass of either contender wants of an object. */
export const statusOf = ({ metadata, spec }: Readonly<Sample>, by: string): Status => ({
  by,
  state: 'Ready',
  storagePath: `/dev/${spec.poolName}/${metadata.name}`,
  devPath: `/dev/${spec.poolName}/${metadata.name}`,
  disks: ['/dev/sdb'],
  allocatedCapacityBytes: spec.requiredCapacityBytes,
  synced: true,
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'Seen',
      message: 'The logical volume is there, in its size.',
      lastTransitionTime: '2026-01-02T03:04:05Z',
    },
  ],
});

/** Microseconds since the machine came up: one clock for all its processes. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);
