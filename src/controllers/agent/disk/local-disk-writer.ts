import { isDeepStrictEqual } from 'node:util';
import { apiVersionOf, type Client, type Events } from '@dot-kube/operator';
import type { LocalDiskAction } from '../../../api/local-disk-action.schema.ts';
import { LocalDisk, type LocalDiskClaimState } from '../../../api/local-disk.schema.ts';
import type { LocalPool } from '../../../api/local-storage-node.schema.ts';
import { decide, localDiskMachine } from '../../../machines/index.ts';
import { ownerAnnotation, reservedByAnnotation } from '../../../api/names.ts';
import { reservedAtBirth } from '../../disk-reservation.ts';
import type { ClusterIdentity } from '../../cluster-identity.ts';
import { withCondition } from '../../progress.ts';
import { type LostPlace, lostPlaceOf } from '../pool/absent-pool.ts';
import type { FoundDisk } from './discover-disks.ts';
import { type DiskHealth, healthEvent, healthOf, healthOfAbsent } from './disk-health.ts';
import { keptIdentity } from './disk-passport.ts';
import { identityLabel, isOfDisk, isPartitionOf, placesOf } from './disk-identity.ts';
import { absentSpec, diskSpec, identityLabelKey, ownerOf } from './disk-object.ts';
import { ownerSeen } from './disk-owner.ts';
import { type DiskUniqueness, twinUniqueness, uniquenessOf } from './disk-uniqueness.ts';
import { absentVerdict, type DiskVerdict, diskEvent, twinVerdict, verdictOf } from './disk-verdict.ts';
import { disksElsewhere, presentTwin } from './disks-elsewhere.ts';
import { poolThatMisses } from './lvm-use.ts';
import { makeDisk, predecessorOf } from './new-disk.ts';
import type { PoolSight } from '../pool/pool-status.ts';

export interface Desk {
  readonly client: Client;
  readonly node: string;
  readonly cluster: ClusterIdentity;
  /** The LocalDisks of this node. */
  readonly known: readonly LocalDisk[];
  /** Names of the claims of this node. */
  readonly claims: ReadonlySet<string>;
  /** Undefined where LVM could not be asked. */
  readonly sight: PoolSight | undefined;
  /** As the node tells of them now. */
  readonly pools: readonly LocalPool[];
  readonly actions: readonly LocalDiskAction[];
  readonly events: Events;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** Makes a LocalDisk of each disk and partition that was found, or brings it up to date, and shows the others as away. */
export async function writeDisks(desk: Desk, found: readonly FoundDisk[]): Promise<void> {
  const elsewhere = await disksElsewhere(
    desk,
    found.flatMap(({ identity, identityOfDisk }) => [identity, identityOfDisk]),
  );
  const written = new Set<string>();
  for (const disk of found) written.add(await writeFoundDisk(desk, disk, elsewhere));
  for (const disk of desk.known.filter(({ metadata }) => !written.has(metadata.name)))
    if (isSuperseded(disk, found, desk.node)) await deleteDisk(desk, disk);
    else await writeAbsentDisk(desk, disk);
}

/** @returns the name of its LocalDisk */
async function writeFoundDisk(desk: Desk, found: FoundDisk, elsewhere: readonly LocalDisk[]): Promise<string> {
  const { client, node, signal, events } = desk;
  const twin = found.twin ?? wordsOf(presentTwin(elsewhere, found.identityOfDisk));
  const predecessor = twin === undefined ? predecessorOf(found, elsewhere) : undefined;
  const before = predecessor ?? found.known;
  const base =
    before === undefined ? newborn(desk, found) : withoutOrphanedClaim(desk, found, before, predecessor !== undefined);
  const lost = found.pool === undefined ? lostPlaceOf(base, desk.pools, desk.sight) : undefined;
  const verdict = verdictWith(found, twin, lost, base);
  const owner = ownerSeen(found, verdict);
  const sight = {
    node,
    device: found.device,
    disk: found.disk?.device,
    partitions: found.partitions,
    probe: found.probe,
    holders: found.holders,
    report: found.report,
    identity: found.identity,
    isLvmKnown: found.lvm !== undefined,
    pvUUID: passportOf(found) ?? lost?.pvUUID,
    owner,
  };
  const spec = diskSpec(sight, base);
  const object = { ...base, metadata: metadataOf(found, base, ownerOf(owner, base).filledIn), spec };
  let current: LocalDisk;
  if (before === undefined) {
    current = await makeDisk(desk, found, object, twin !== undefined);
    // Two agents that find one disk at the same time: whoever made its object last sees the other's.
    const late = twin ?? (await twinElsewhere(desk, [found.identity, found.identityOfDisk]));
    if (twin === undefined && late !== undefined) {
      await writeStatus(desk, current, verdictWith(found, late, lost, base), { Unique: uniquenessOf(found, late) });
      return current.metadata.name;
    }
  } else if (isDeepStrictEqual({ spec, metadata: object.metadata }, { spec: before.spec, metadata: before.metadata }))
    current = before;
  else current = await client.update(LocalDisk, object, { signal });
  if (predecessor !== undefined) {
    const { preNodeName, preDevicePath = 'an unknown path' } = current.spec;
    const message = `Disk ${current.metadata.name} came from node ${preNodeName}, where it was ${preDevicePath}; it is ${found.device.path} here.`;
    const regarding = { ...current, apiVersion: apiVersionOf(LocalDisk), kind: LocalDisk.kind };
    events.emit({ type: 'Normal', reason: 'DiskMoved', message, regarding });
  }
  const { path } = found.disk?.device ?? found.device;
  const health = found.report && healthOf(found.report, { path, pool: found.pool, name: current.metadata.name });
  await writeStatus(desk, current, verdict, { Unique: uniquenessOf(found, twin), Healthy: health });
  if (health !== undefined) for (const event of healthEvent(current, health)) events.emit(event);
  return current.metadata.name;
}

/** Where another node has a disk of one of these identities, in words. */
export async function twinElsewhere(
  desk: Pick<Desk, 'client' | 'node' | 'signal'>,
  identities: readonly string[],
): Promise<string | undefined> {
  const elsewhere = await disksElsewhere(desk, identities);
  return identities.map((identity) => wordsOf(presentTwin(elsewhere, identity))).find((words) => words !== undefined);
}

const wordsOf = (twin: LocalDisk | undefined): string | undefined =>
  twin &&
  `${twin.spec.devicePath} on ${twin.spec.nodeName} (if that node is gone for good, or the disk was moved while it was off: kubectl delete localdisk ${twin.metadata.name})`;

function verdictWith(
  found: FoundDisk,
  twin: string | undefined,
  lost: LostPlace | undefined,
  base: LocalDisk,
): DiskVerdict {
  const { device, disk, probe, probeError, mountPoints, holders, partitions, report, lvm, pool } = found;
  const { claimRef, pvUUID, reserved } = base.spec;
  const reservedBy = base.metadata.annotations?.[reservedByAnnotation];
  return verdictOf({
    device,
    ...(disk === undefined ? {} : { disk }),
    ...(probe === undefined ? {} : { probe }),
    ...(probeError === undefined ? {} : { probeError }),
    mountPoints,
    holders,
    partitions,
    isFailing: report?.verdict === 'Failed',
    lvm,
    ...(pool === undefined ? {} : { pool }),
    ...(lost === undefined ? {} : { lostPool: lost.pool }),
    ...(lvm !== undefined || pvUUID === undefined ? {} : { passport: pvUUID }),
    ...(twin === undefined ? {} : { twin }),
    ...(claimRef?.name === undefined ? {} : { claimedBy: claimRef.name }),
    reserved: reserved === true,
    ...(reservedBy === undefined ? {} : { reservedBy }),
  });
}

/** What is known of a disk before it is there for anyone to claim. */
function newborn({ node, actions }: Desk, { device, pool }: FoundDisk): LocalDisk {
  const born: LocalDisk = { metadata: { name: '' }, spec: { nodeName: node, devLinks: [] } };
  return pool === undefined ? reservedAtBirth(born, device, actions) : born;
}

/** By which physical volume a pool of this cluster knows the disk from now on. */
function passportOf({ lvm, pool, device }: FoundDisk): string | undefined {
  const use = lvm?.get(device.path);
  return pool !== undefined || use?.kind === 'movedPool' ? use?.pvUuid : undefined;
}

function metadataOf(found: FoundDisk, base: LocalDisk, filledIn: string | undefined): LocalDisk['metadata'] {
  const { [ownerAnnotation]: _before, ...annotations } = base.metadata.annotations ?? {};
  const kept = filledIn === undefined ? annotations : { ...annotations, [ownerAnnotation]: filledIn };
  const { annotations: _annotations, ...metadata } = base.metadata;
  return {
    ...metadata,
    labels: { ...metadata.labels, [identityLabelKey]: identityLabel(found.identity) },
    ...(Object.keys(kept).length === 0 ? {} : { annotations: kept }),
  };
}

/** A disk that is known and was not found is kept, and shown as away. */
async function writeAbsentDisk(desk: Desk, disk: LocalDisk): Promise<void> {
  const spec = disk.spec.state === 'Inactive' && disk.spec.devicePath === undefined ? disk.spec : absentSpec(disk.spec);
  const current =
    spec === disk.spec ? disk : await desk.client.update(LocalDisk, { ...disk, spec }, { signal: desk.signal });
  const pool = poolThatMisses(desk.sight, spec.pvUUID, desk);
  const isPartition = spec.diskAttributes?.devType === 'part';
  await writeStatus(desk, current, absentVerdict({ isPartition, pvUUID: spec.pvUUID, pool }), {
    Healthy: healthOfAbsent,
  });
}

/**
 * Nothing is lost with it: away for two looks, while another LocalDisk of this node stands for the disk, or for what is
 * in its place where nothing else was known of it, or the disk is there without that partition; and nobody reserved or
 * claimed it, or waits for it.
 */
function isSuperseded({ spec }: LocalDisk, found: readonly FoundDisk[], node: string): boolean {
  const { uuid = '', state, pvUUID, claimRef, reserved } = spec;
  const isNeeded = pvUUID !== undefined || claimRef !== undefined || reserved === true;
  const isKnownGone = found.some(
    ({ identity, disk, device }) =>
      keptIdentity(identity) === uuid ||
      (disk === undefined &&
        (isPartitionOf(identity, uuid) || (isOfDisk(identity) && standsIn(placesOf(device, node), uuid)))),
  );
  return state === 'Inactive' && !isNeeded && isKnownGone;
}

/** Whether an identity is that of one of these places, or of a partition there. */
const standsIn = (places: readonly string[], uuid: string): boolean =>
  places.some((place) => keptIdentity(place) === uuid || isPartitionOf(place, uuid));

async function deleteDisk({ client, signal }: Desk, { metadata: { name, uid } }: LocalDisk): Promise<void> {
  await client.delete(LocalDisk, name, { signal, ...(uid === undefined ? {} : { uid }) });
}

/** Shows a disk as one of two of its identity before its node is looked at again. @param twin where the other is, in words */
export const quarantine = (desk: StatusDesk, disk: LocalDisk, twin: string): Promise<void> =>
  writeStatus(desk, disk, twinVerdict(twin), { Unique: twinUniqueness(twin) });

type StatusDesk = Pick<Desk, 'client' | 'nowMs' | 'signal'>;

async function writeStatus(
  desk: StatusDesk,
  disk: LocalDisk,
  verdict: DiskVerdict,
  others: { readonly [Type in 'Unique' | 'Healthy']?: DiskUniqueness | DiskHealth | undefined },
): Promise<void> {
  const { state } = decide(localDiskMachine, disk.status?.claimState, diskEvent(verdict));
  const told = { nowMs: desk.nowMs, generation: disk.metadata.generation };
  const usable = {
    status: verdict.usable ? 'True' : 'False',
    reason: verdict.reason,
    message: verdict.message,
  } as const;
  const judged = Object.entries({ Usable: usable, ...others }).reduce(
    (list, [type, condition]) => (condition === undefined ? list : withCondition(list, { type, ...condition }, told)),
    disk.status?.conditions ?? [],
  );
  const status = {
    ...disk.status,
    claimState: state satisfies LocalDiskClaimState,
    conditions: judged,
  };
  if (!isDeepStrictEqual(status, disk.status))
    await desk.client.updateStatus(LocalDisk, { ...disk, status }, { signal: desk.signal });
}

/** A claim that went without giving back its disk has no say in it any more, nor has a claim of the node that it was on. */
function withoutOrphanedClaim({ claims }: Desk, { pool }: FoundDisk, disk: LocalDisk, hasMoved: boolean): LocalDisk {
  const { claimRef, ...spec } = disk.spec;
  const isOrphaned = claimRef !== undefined && pool === undefined && !claims.has(claimRef.name ?? '');
  return isOrphaned || hasMoved ? { ...disk, spec } : disk;
}
