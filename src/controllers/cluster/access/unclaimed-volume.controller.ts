import {
  builtin,
  type Cache,
  controller,
  done,
  findCondition,
  type Pass,
  type Result,
  watch,
} from '@dot-kube/operator';
import { LocalVolume } from '../../../api/local-volume.schema.ts';
import { type Why, withCondition } from '../../progress.ts';
import { persistentVolumes, volumeOf } from './pod-volumes.ts';

/** Condition of a volume that was made for a claim, and that no PersistentVolume wants any more. */
const unclaimedType = 'Unclaimed';
/** external-provisioner may take so long from the volume to its PersistentVolume, with tries that fail between. */
const youngMs = 600_000;
const lookMs = 60_000;

/**
 * Volumes left over: made for a claim, and no PersistentVolume stands for them. They are reported with the command that
 * deletes them, and never deleted: that something is gone is no order.
 */
export const unclaimedVolumeController = () =>
  controller({
    name: 'unclaimed-volume',
    resource: LocalVolume,
    watches: [
      watch(builtin.PersistentVolume, (persistentVolume) => {
        const volume = volumeOf(persistentVolume);
        return volume === undefined ? [] : [volume];
      }),
      watch(builtin.PersistentVolumeClaim, ({ metadata }) => [claimedName(metadata.uid)]),
    ],
    resyncMs: lookMs,
    reconcile,
  });

/** What external-provisioner calls the volume of a claim. */
const claimedName = (uid: string | undefined): string => `pvc-${uid}`;

async function reconcile(pass: Pass<LocalVolume>): Promise<Result> {
  const { object: volume, cache, now } = pass;
  if (volume.spec.delete || volume.spec.pvcName === undefined || isWanted(volume, cache)) return tell(pass, undefined);
  const ageMs = now() - Date.parse(volume.metadata.creationTimestamp ?? '');
  return ageMs < youngMs ? done : tell(pass, { reason: 'NoPersistentVolume', message: words(volume) });
}

/** A PersistentVolume stands for it, or its claim is there and gets one yet. */
function isWanted({ metadata, spec }: LocalVolume, cache: Cache): boolean {
  const claim = cache.get(builtin.PersistentVolumeClaim, spec.pvcName ?? '', spec.pvcNamespace ?? '');
  return persistentVolumes(cache, metadata.name).length > 0 || claimedName(claim?.metadata.uid) === metadata.name;
}

function words({ metadata: { name }, spec, status }: LocalVolume): string {
  const use = status?.publishedNode ? ` It is still in use on ${status.publishedNode}.` : '';
  return (
    `No PersistentVolume stands for the volume, which was made for claim ${spec.pvcNamespace}/${spec.pvcName}.${use} ` +
    `It stays until it is ordered to go, with all its data: kubectl patch lv ${name} --type merge -p '{"spec":{"delete":true}}'`
  );
}

async function tell({ object: volume, status, events, now }: Pass<LocalVolume>, why: Why | undefined): Promise<Result> {
  const before = volume.status;
  const told = findCondition(before?.conditions, unclaimedType);
  if (before === undefined || (why === undefined && told?.status !== 'True')) return done;
  const update = why ?? { reason: 'Wanted', message: 'The volume is wanted.' };
  const conditions = withCondition(
    before.conditions,
    { type: unclaimedType, status: why === undefined ? 'False' : 'True', ...update },
    { nowMs: now(), generation: volume.metadata.generation },
  );
  await status.write({ ...before, conditions });
  if (why !== undefined && told?.status !== 'True')
    events.emit({ type: 'Warning', reason: unclaimedType, message: why.message });
  return done;
}
