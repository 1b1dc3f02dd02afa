import type { LocalVolumeReplicaEvent } from '../../../machines/index.ts';
import type { Why } from '../../progress.ts';

/** What each observation of a replica means for a person. */
export const replicaWords: Record<LocalVolumeReplicaEvent['type'], Why> = {
  'pool.missing': {
    reason: 'PoolMissing',
    message:
      'The volume group of the pool is not on the node, or not the one that this copy was made in: conditions PoolsHealthy and GroupsOwned of the LocalStorageNode say why. When it is back the copy heals by itself.',
  },
  'lv.missing': { reason: 'LogicalVolumeMissing', message: 'The logical volume is not there.' },
  'lv.vanished': {
    reason: 'LogicalVolumeMissing',
    message:
      'The logical volume is not there, though it was: the writer record counts on it, or this object was made of it. It is not made anew, as it would be empty. See lvs and pvs on the node.',
  },
  'lv.unrecorded': {
    reason: 'NotInRecord',
    message:
      'The logical volume is not there, and the writer record of the volume does not count on a copy here, so none is made. Delete this replica: kubectl patch lvr NAME --type merge -p \'{"spec":{"delete":true}}\'',
  },
  'lv.untagged': {
    reason: 'LogicalVolumeUntagged',
    message: 'A logical volume of this name and size is there that nobody marked.',
  },
  'lv.foreign': {
    reason: 'LogicalVolumeForeign',
    message:
      'A logical volume of this name is there that is not this volume’s. It is left alone; rename or remove it by hand.',
  },
  'lv.unhealthy': {
    reason: 'DiskMissing',
    message:
      'A disk below the logical volume is missing: condition PoolsHealthy of the LocalStorageNode says which. The data are kept; plug the disk in again, and the copy heals by itself. Never run vgreduce --removemissing --force: it deletes the logical volume.',
  },
  'lv.inactive': { reason: 'Inactive', message: 'The logical volume is not activated yet.' },
  'lv.undersized': { reason: 'Undersized', message: 'The logical volume is smaller than asked for.' },
  'lv.unsynced': { reason: 'Syncing', message: 'The copy does not hold all data yet.' },
  'lv.matched': { reason: 'Observed', message: 'The logical volume is there with the wanted size and tags.' },
  'delete.open': { reason: 'InUse', message: 'Something on the node has the volume open; deletion waits for it.' },
  'delete.unmarked': { reason: 'Deleting', message: 'The logical volume is being marked as deleted.' },
  'delete.paired': { reason: 'Deleting', message: 'DRBD is being taken away.' },
  'delete.lv': { reason: 'Deleting', message: 'The logical volume is being removed.' },
  'delete.waiting': {
    reason: 'PoolMissing',
    message:
      'The volume group is not on the node, so the logical volume can’t be removed. Deletion goes on when it is back. If it never will be: kubectl annotate lvr NAME hwameistor.io/release=NAME',
  },
  'delete.clean': { reason: 'Gone', message: 'The logical volume is gone.' },
};
