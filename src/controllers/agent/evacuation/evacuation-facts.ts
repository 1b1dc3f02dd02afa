import { stalledOf } from '@dot-kube/operator';
import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import { evictionLabel } from '../../../api/names.ts';
import type {
  BlockDevice,
  LogicalVolume,
  PhysicalVolume,
  UsedExtents,
  VolumeGroup,
} from '../../../api/observed/index.ts';
import { restLeftMs } from '../../rest.ts';
import type { AgentContext } from '../context.ts';
import { isOurPool } from '../pool/pool-groups.ts';
import { sameDevice } from './same-device.ts';

/** A disk in a pool of ours, with all that its leaving hangs on. */
export interface PooledDisk {
  readonly group: VolumeGroup;
  readonly disk: PhysicalVolume;
  /** The other disks of the group. */
  readonly others: readonly PhysicalVolume[];
  /** What stands on this disk, what is being moved off it or onto it included. */
  readonly extents: readonly UsedExtents[];
  /** Every logical volume of the group that is not hidden. */
  readonly volumes: readonly LogicalVolume[];
  /** What stands on the other disks. */
  readonly elsewhere: readonly UsedExtents[];
}

/**
 * `out`: in no group any more, with lvm's label. `blank`: without even that. `other`: in no pool of ours, or the physical
 * volume is another than the one it began with. `absent`: not there, or what it holds can't be told.
 */
export type DiskPlace =
  | { readonly kind: 'absent' | 'other' | 'blank' | 'out' }
  | ({ readonly kind: 'pooled' } & PooledDisk);

export interface EvacuationFacts {
  readonly ordered: boolean;
  readonly reserved: boolean;
  readonly place: DiskPlace;
  /** The device that the LocalDisk tells of; absent where the disk is not there. */
  readonly device: BlockDevice | undefined;
  /** For so long the disks are left to the pods after the last move; 0: another may begin. */
  readonly restMs: number;
  /** The object is being deleted: what can be undone of it is, and what can't is left. */
  readonly deleted: boolean;
}

export const isOrdered = ({ metadata }: LocalDisk): boolean =>
  metadata.labels?.[evictionLabel] === 'start' && metadata.deletionTimestamp === undefined;

/** After a move the disks are left to the pods for as long as it took, so it has at most half of the time. */
const restPerMove = 1;
/** For those who wait to grow or remove the volume that was just moved. */
const shortestRestMs = 2_000;
/** A move during which the agent was away seems longer than it was. */
const longestRestMs = 600_000;

/** How much of the rest after the last move is left, in ms. */
function restMsOf({ status }: LocalDisk, nowMs: number): number {
  // What was refused is tried again when it says so.
  if (stalledOf(status) !== undefined) return 0;
  const { pieceSince, nextTry } = status?.evacuation ?? {};
  if (pieceSince === undefined)
    return nextTry === undefined ? 0 : restLeftMs({ untilMs: Date.parse(nextTry), mostMs: longestRestMs }, nowMs);
  const tookMs = nowMs - Date.parse(pieceSince);
  return Math.min(longestRestMs, Math.max(shortestRestMs, tookMs * restPerMove));
}

/** Looks at everything that the evacuation of one disk hangs on. */
export async function observeEvacuation(
  agent: AgentContext,
  object: LocalDisk,
  nowMs: number,
  signal: AbortSignal,
): Promise<EvacuationFacts> {
  const { tools } = agent;
  const device = sameDevice(object, await tools.disks.scan(signal))?.device;
  const groups = await tools.lvm.volumeGroups(signal);
  const physicalVolumes = await tools.lvm.physicalVolumes(signal);
  const volumes = await tools.lvm.logicalVolumes(signal);
  const extents = await tools.lvm.usedExtents(signal);
  const pools = groups.filter((group) => isOurPool(group, agent));
  return {
    ordered: isOrdered(object),
    reserved: object.spec.reserved === true,
    place: device === undefined ? { kind: 'absent' } : placeOf(object, { pools, physicalVolumes, volumes, extents }),
    device,
    restMs: restMsOf(object, nowMs),
    deleted: object.metadata.deletionTimestamp !== undefined,
  };
}

interface Sight {
  readonly pools: readonly VolumeGroup[];
  readonly physicalVolumes: readonly PhysicalVolume[];
  readonly volumes: readonly LogicalVolume[];
  readonly extents: readonly UsedExtents[];
}

/** Where the disk stands, of which it is known that its device is there. */
function placeOf({ spec, status }: LocalDisk, { pools, physicalVolumes, volumes, extents }: Sight): DiskPlace {
  const here = physicalVolumes.find(({ device }) => device === spec.devicePath);
  const { physicalVolume: begun = here?.uuid, pool } = status?.evacuation ?? {};
  if (here !== undefined && here.uuid !== begun) return { kind: 'other' };
  if (here === undefined) {
    const isElsewhere = physicalVolumes.some(({ uuid }) => uuid === begun);
    // A group that has lost it would list it; without the group nobody knows.
    const isTold = begun !== undefined && pools.some(({ name }) => name === pool);
    return { kind: begun === undefined ? 'other' : isElsewhere || !isTold ? 'absent' : 'blank' };
  }
  const { volumeGroup, groupAway } = here;
  if (groupAway === true) return { kind: 'absent' };
  if (volumeGroup === undefined) return { kind: status?.evacuation?.physicalVolume === undefined ? 'other' : 'out' };
  const group = pools.find(({ uuid }) => uuid === volumeGroup.uuid);
  if (group === undefined) return { kind: 'other' };
  const inGroup = extents.filter((run) => run.volumeGroup === group.uuid);
  return {
    kind: 'pooled',
    group,
    disk: here,
    others: physicalVolumes.filter((other) => other.volumeGroup?.uuid === group.uuid && other.uuid !== here.uuid),
    extents: inGroup.filter((run) => run.physicalVolume === here.uuid),
    elsewhere: inGroup.filter((run) => run.physicalVolume !== here.uuid),
    volumes: volumes.filter((volume) => volume.volumeGroup.uuid === group.uuid),
  };
}

/** A move off this disk has not ended. */
export const isMoving = ({ disk, extents }: PooledDisk): boolean =>
  extents.some(({ movedFrom }) => movedFrom === disk.uuid);

export const usedBytes = ({ group, extents }: PooledDisk): number =>
  extents.reduce((sum, { count }) => sum + count, 0) * group.extentSizeBytes;

/** Disks of the group that take what stands on this one. */
export const openOthers = ({ others }: PooledDisk): PhysicalVolume[] =>
  others.filter(({ allocatable, missing }) => allocatable && !missing);
