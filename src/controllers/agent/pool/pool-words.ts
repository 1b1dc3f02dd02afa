import type { LocalPool, PoolDisk } from '../../../api/local-storage-node.schema.ts';
import type { PoolEvent } from '../../../machines/index.ts';
import type { Why } from '../../progress.ts';

/**
 * What each observation of a pool means for a person.
 * @param pool as the status tells it now
 */
export function poolWhy(event: PoolEvent, pool: LocalPool): Why {
  const words: Record<PoolEvent['type'], () => Why> = {
    'pool.unseen': () => ({ reason: 'NotSeen', message: `${pool.name}: LVM could not be asked. The figures are old.` }),
    'group.gone': () => gone(pool),
    'group.lost': () => lost(pool),
    'group.unmarked': () => ({ reason: 'Unmarked', message: `${pool.name} was made by hand and is being marked.` }),
    'group.untied': () => ({ reason: 'Unmarked', message: `${pool.name} is being marked as this node’s.` }),
    'group.ambiguous': () => ({
      reason: 'NameAmbiguous',
      message: `${pool.name}: another volume group has the same name. The pool is the one with UUID ${pool.vgUUID}; its volumes go on, and nothing is made or grown in it until the other is renamed: vgrename UUID NEWNAME`,
    }),
    'disk.duplicate': () => duplicate(pool),
    'disk.missing': () => missing(pool),
    'disk.returned': () => ({
      reason: 'DiskReturned',
      message: `${pool.name}: a disk that was away is back and is being taken in again. ${harm(pool)}`,
    }),
    'volumes.stale': () => ({
      reason: 'VolumesStale',
      message: `${pool.name}: its disks are all there, and the kernel is being told to use them. ${harm(pool)}`,
    }),
    'disk.grown': () => ({
      reason: 'DiskGrown',
      message: `${pool.name}: a disk grew, and the pool takes the new room.`,
    }),
    'pool.whole': () => ({ reason: 'Whole', message: `${pool.name}: all disks are there.` }),
  };
  return words[event.type]();
}

const never =
  'Never run vgreduce --removemissing --force while a volume on the disk is wanted: it deletes every volume that has a part there.';

function missing(pool: LocalPool): Why {
  const away = pool.disks.filter(({ state }) => state === 'Offline');
  return {
    reason: 'DiskMissing',
    message: `${pool.name} misses ${away.map(named).join(' and ')}. ${harm(pool)} Nothing is made or grown in the pool meanwhile. Plug the disk in again: it is taken back by itself. ${never}`,
  };
}

function gone(pool: LocalPool): Why {
  return {
    reason: 'DiskMissing',
    message: `${pool.name} is not there, nor are its disks: ${pool.disks.map(named).join('; ')}. ${harm(pool)} Plug them in again: the pool goes on by itself. If they are gone for good, delete their LocalDisk objects.`,
  };
}

function lost(pool: LocalPool): Why {
  const { name, disks } = pool;
  const labels = disks.map(
    ({ uuid, devPath }) => `pvcreate --uuid ${uuid} --restorefile /etc/lvm/backup/${name} DEVICE (was ${devPath})`,
  );
  const localDisks = disks.flatMap(({ localDisk }) => localDisk ?? []);
  return {
    reason: 'GroupGone',
    message: `${name}: its disks are there, and its volume group is not: somebody wiped or removed it. ${harm(pool)} Their data may still be whole, so nothing is made on the disks. To have it back, type on the node, where pvs does not show the disk: ${labels.join('; ')}; then: vgcfgrestore ${name}; vgchange -ay ${name}. If the backup is too young: vgcfgrestore --list ${name}. To give the volumes up instead: kubectl patch lv NAME --type merge -p '{"spec":{"delete":true}}' for each; of those that no LocalVolume stands for, delete the LocalDisk objects: ${localDisks.join(' ')}`,
  };
}

function duplicate(pool: LocalPool): Why {
  const twins = pool.disks.filter(({ uuid }, _index, disks) => disks.filter((disk) => disk.uuid === uuid).length > 1);
  const paths = twins.map(({ devPath }) => devPath);
  return {
    reason: 'DuplicateDisk',
    message: `${pool.name}: ${paths.join(' and ')} carry the same physical volume UUID ${twins[0]?.uuid}: one is a byte copy of the other. The volumes go on, and nothing is made, grown or marked in the pool until that ends. Detach the copy; or, to keep it, with the copy’s device as DEVICE: vgimportclone --basevgname NEWNAME DEVICE`,
  };
}

/** One disk by everything that helps to find it. */
function named({ uuid, localDisk, devPath, serialNumber }: PoolDisk): string {
  const known = [
    localDisk === undefined ? [] : [`LocalDisk ${localDisk}`],
    devPath !== undefined && devPath.startsWith('/') ? [`last at ${devPath}`] : [],
    serialNumber === undefined ? [] : [`serial number ${serialNumber}`],
  ].flat();
  return `the disk with physical volume UUID ${uuid ?? 'unknown'}${known.length === 0 ? '' : ` (${known.join(', ')})`}`;
}

/** Which volumes are hurt, and how many are not. */
function harm({ volumes, hurtVolumes = [] }: LocalPool): string {
  if (hurtVolumes.length === 0) return 'No volume is hurt.';
  const others = volumes.filter((volume) => !hurtVolumes.includes(volume)).length;
  const rest =
    others === 0 ? 'no other is in the pool' : others === 1 ? 'the other one goes on' : `the other ${others} go on`;
  return `Hurt: ${hurtVolumes.join(', ')}; ${rest}.`;
}
