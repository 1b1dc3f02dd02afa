import type { LocalVolumeReplicaSpec } from '../../../src/api/local-volume-replica.schema.ts';
import type { LocalVolumeWriterSpec } from '../../../src/api/local-volume-writer.schema.ts';
import type { LocalVolumeSpec } from '../../../src/api/local-volume.schema.ts';

const apiVersion = 'hwameistor.io/v1alpha1';

export const localVolume = (name: string, spec: Partial<LocalVolumeSpec> = {}) => ({
  apiVersion,
  kind: 'LocalVolume',
  metadata: { name },
  spec: { poolName: 'LocalStorage_PoolHDD', requiredCapacityBytes: 1024 ** 3, ...spec },
});

export const localVolumeReplica = (name: string, spec: Partial<LocalVolumeReplicaSpec> = {}) => ({
  apiVersion,
  kind: 'LocalVolumeReplica',
  metadata: { name },
  spec: {
    volumeName: 'pvc-1',
    poolName: 'LocalStorage_PoolHDD',
    nodeName: 'node1',
    requiredCapacityBytes: 1024 ** 3,
    ...spec,
  },
});

export const writerRecord = (name: string, spec: Partial<LocalVolumeWriterSpec> = {}) => ({
  apiVersion,
  kind: 'LocalVolumeWriter',
  metadata: { name },
  spec: { volumeName: name, volumeId: `id-of-${name}`, epoch: 1, inSync: [], ...spec },
});
