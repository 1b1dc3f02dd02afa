import { expect, test } from 'vitest';
import { localDiskActionStates } from '../api/local-disk-action.schema.ts';
import { localDiskClaimPhases } from '../api/local-disk-claim.schema.ts';
import { diskEvacuationStates, localDiskClaimStates } from '../api/local-disk.schema.ts';
import { localStorageNodeStates, poolStates } from '../api/local-storage-node.schema.ts';
import { localVolumeMigrateStates } from '../api/local-volume-migrate.schema.ts';
import { legStates, localVolumeReplicaStates } from '../api/local-volume-replica.schema.ts';
import { localVolumeStates } from '../api/local-volume.schema.ts';
import { lifecycles } from './lifecycles.ts';

const statesInApi: Record<string, readonly string[]> = {
  'local-disk': localDiskClaimStates,
  'local-disk-action': localDiskActionStates,
  'disk-evacuation': diskEvacuationStates,
  'local-disk-claim': localDiskClaimPhases,
  'local-storage-node': localStorageNodeStates,
  pool: poolStates,
  'local-volume': localVolumeStates,
  'local-volume-replica': localVolumeReplicaStates,
  leg: legStates,
  'local-volume-migrate': localVolumeMigrateStates,
};

test.each(lifecycles)('the API takes every state of $name', ({ name, machine }) => {
  expect(statesInApi[name]).toEqual(expect.arrayContaining(Object.keys(machine.states)));
});
