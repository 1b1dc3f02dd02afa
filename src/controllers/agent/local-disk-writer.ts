import { type Client, createOnce } from '@dot-kube/operator';
import type { LocalDiskAction } from '../../api/local-disk-action.schema.ts';
import { LocalDisk, type LocalDiskClaimState } from '../../api/local-disk.schema.ts';
import { isDeepStrictEqual } from 'node:util';
import { decide, localDiskMachine } from '../../machines/index.ts';
import { reservedByAnnotation } from '../../api/names.ts';
import { reservedAtBirth } from '../disk-reservation.ts';
import { withCondition } from '../progress.ts';
import type { FoundDisk } from './discover-disks.ts';
import { collidingDiskName, identityLabel } from './disk-identity.ts';
import { diskSpec, identityLabelKey } from './disk-object.ts';
import { type DiskVerdict, diskEvent, verdictOf } from './disk-verdict.ts';

interface Desk {
  readonly client: Client;
  readonly node: string;
  readonly known: readonly LocalDisk[];
  /** Names of the claims of this node. */
  readonly claims: ReadonlySet<string>;
  readonly actions: readonly LocalDiskAction[];
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** Makes or brings up to date the LocalDisk of one disk that was found. */
export async function writeFoundDisk(desk: Desk, found: FoundDisk): Promise<void> {
  const { client, node, signal } = desk;
  const elsewhere = found.pool === undefined ? await twinElsewhere(desk, found) : undefined;
  const before = await ensureObject(desk, found, elsewhere !== undefined);
  const object = withoutOrphanedClaim(desk, found, before);
  const spec = diskSpec(
    {
      node,
      device: found.device,
      partitions: found.partitions,
      probe: found.probe,
      identity: found.identity,
      inPool: found.pool !== undefined,
    },
    object,
  );
  const current = isDeepStrictEqual(spec, before.spec)
    ? before
    : await client.update(LocalDisk, { ...object, spec }, { signal });
  const twin = found.twin ?? elsewhere;
  const reservedBy = object.metadata.annotations?.[reservedByAnnotation];
  const verdict = verdictOf({
    device: found.device,
    ...(found.probe === undefined ? {} : { probe: found.probe }),
    mountPoints: found.mountPoints,
    holders: found.holders,
    partitions: found.partitions,
    ...(found.pool === undefined ? {} : { pool: found.pool }),
    ...(found.foreignGroup === undefined ? {} : { foreignGroup: found.foreignGroup }),
    ...(twin === undefined ? {} : { twin }),
    ...(spec.claimRef?.name === undefined ? {} : { claimedBy: spec.claimRef.name }),
    reserved: spec.reserved === true,
    ...(reservedBy === undefined ? {} : { reservedBy }),
  });
  await writeStatus(desk, current, verdict);
}

/** A disk that is known and was not found is kept, and shown as away. */
export async function writeAbsentDisk(desk: Desk, disk: LocalDisk): Promise<void> {
  const spec = { ...disk.spec, state: 'Inactive' as const };
  const current =
    disk.spec.state === 'Inactive'
      ? disk
      : await desk.client.update(LocalDisk, { ...disk, spec }, { signal: desk.signal });
  await writeStatus(desk, current, verdictOf({ mountPoints: [], holders: [], partitions: [], reserved: false }));
}

async function writeStatus(desk: Desk, disk: LocalDisk, verdict: DiskVerdict): Promise<void> {
  const { state } = decide(localDiskMachine, disk.status?.claimState, diskEvent(verdict));
  const status = {
    ...disk.status,
    claimState: state satisfies LocalDiskClaimState,
    conditions: withCondition(
      disk.status?.conditions,
      { type: 'Usable', status: verdict.usable ? 'True' : 'False', reason: verdict.reason, message: verdict.message },
      { nowMs: desk.nowMs, generation: disk.metadata.generation },
    ),
  };
  if (!isDeepStrictEqual(status, disk.status))
    await desk.client.updateStatus(LocalDisk, { ...disk, status }, { signal: desk.signal });
}

/** A claim that went without giving back its disk has no say in it any more. */
function withoutOrphanedClaim({ claims }: Desk, { pool }: FoundDisk, disk: LocalDisk): LocalDisk {
  const { claimRef, ...spec } = disk.spec;
  const isOrphaned = claimRef !== undefined && pool === undefined && !claims.has(claimRef.name ?? '');
  return isOrphaned ? { ...disk, spec } : disk;
}

async function ensureObject(desk: Desk, found: FoundDisk, isTwin: boolean): Promise<LocalDisk> {
  const present = desk.known.find(({ metadata }) => metadata.name === found.name);
  if (present !== undefined) return present;
  const { client, node, signal } = desk;
  const named = (name: string): LocalDisk => ({
    metadata: { name, labels: { [identityLabelKey]: identityLabel(found.identity) } },
    spec: { nodeName: node, devicePath: found.device.path, devLinks: [] },
  });
  const colliding = collidingDiskName(found.identity, node, found.device.path);
  for (const name of isTwin ? [colliding] : [found.name, colliding]) {
    const born = found.pool === undefined ? reservedAtBirth(named(name), found.device, desk.actions) : named(name);
    const made = await createOnce(client, LocalDisk, born);
    if (made !== undefined) return made;
    const other = await client.get(LocalDisk, name, { signal });
    if (other?.spec.nodeName === node) return other;
  }
  throw new Error(`${found.device.path}: LocalDisk ${colliding} belongs to another node`);
}

/** A disk of the same identity that another node shows as present. */
async function twinElsewhere({ client, node, signal }: Desk, found: FoundDisk): Promise<string | undefined> {
  const labelSelector = `${identityLabelKey}=${identityLabel(found.identity)}`;
  const { items } = await client.list(LocalDisk, { labelSelector, signal });
  const other = items.find(({ spec }) => spec.nodeName !== node && spec.state === 'Active');
  return other && `${other.spec.devicePath} on ${other.spec.nodeName}`;
}
