import { findCondition } from '@dot-kube/operator';
import { type DiskWipe, type LocalDiskClaim, maxMarks } from '../../../api/local-disk-claim.schema.ts';
import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { DiskContent } from '../../../api/observed/index.ts';
import { isCommandError } from '../../../node/errors.ts';
import type { AgentContext } from '../context.ts';

/** What was found on disks that may be wiped, by the names of their LocalDisks. */
export type DiskContents = ReadonlyMap<string, DiskContent>;

/** Reasons of the condition `Usable` that speak of nothing but the content; all others come before these. */
const contentReasons = ['HasSignature', 'Partitioned', 'Unsure'];

/** Nothing speaks against the disk but what is on it. */
export const isDirty = ({ status }: LocalDisk): boolean =>
  contentReasons.includes(findCondition(status?.conditions, 'Usable')?.reason ?? '');

/** Whether a claim says that its disks are to be wiped; one that names none says it in vain. */
export const ordersWiping = (claim: LocalDiskClaim): boolean => claim.spec.wipe === true && namesDisks(claim);

/** Whether a claim names the disks that it asks for, and not their kind alone. */
export const namesDisks = ({ spec: { description } }: LocalDiskClaim): boolean =>
  [...(description?.localDiskNames ?? []), ...(description?.devicePaths ?? [])].length > 0;

/** Why a disk whose only fault is its content must not be wiped for a claim that names it. */
export function wipeRefusal(
  claim: LocalDiskClaim,
  disk: LocalDisk,
  { disks, contents }: { disks: readonly LocalDisk[]; contents: DiskContents },
): string | undefined {
  const content = contents.get(disk.metadata.name);
  const part = partsOf(disk, disks).find(
    (part) => part.spec.claimRef !== undefined || part.spec.reserved === true || isNamed(claim, part),
  );
  if (part !== undefined) {
    const { devicePath, claimRef } = part.spec;
    if (claimRef?.name !== undefined)
      return `can't be wiped: its partition ${devicePath} belongs to LocalDiskClaim ${claimRef.name}`;
    const why = part.spec.reserved === true ? 'is reserved' : 'is asked for by this claim, too';
    return `can't be wiped: its partition ${devicePath} ${why}`;
  }
  if (content === undefined) return "can't be wiped: what is on it was not looked at yet";
  if (content.blocker !== undefined) return `can't be wiped: ${content.blocker}`;
  if (content.signatures.length > maxMarks || content.partitions.length > maxMarks)
    return `can't be wiped: it has more than ${maxMarks} signatures or partitions. Wipe it by hand: wipefs -a ${disk.spec.devicePath}`;
  return undefined;
}

const isNamed = ({ spec: { description } }: LocalDiskClaim, { metadata, spec }: LocalDisk): boolean =>
  [...(description?.localDiskNames ?? []), ...(description?.devicePaths ?? [])].some(
    (word) => word === metadata.name || word === spec.devicePath,
  );

/** LocalDisks that are partitions of a disk. */
const partsOf = (disk: LocalDisk, disks: readonly LocalDisk[]): LocalDisk[] =>
  disks.filter((other) => other !== disk && hasPart(disk, other));

const hasPart = ({ spec: { partitionInfo = [] } }: LocalDisk, { spec: { devicePath } }: LocalDisk): boolean =>
  partitionInfo.some(({ path }) => path === devicePath);

/** Who has the whole disk of a partition: that may be wiped any moment. */
export const claimOfWhole = (part: LocalDisk, disks: readonly LocalDisk[]): string | undefined =>
  disks.find((disk) => disk !== part && disk.spec.claimRef !== undefined && hasPart(disk, part))?.spec.claimRef?.name;

/** What is to be taken off a disk, as it is written down when the disk is chosen. */
export function wipeOf(disk: LocalDisk, { signatures, partitions }: DiskContent): DiskWipe {
  return {
    disk: disk.metadata.name,
    devicePath: disk.spec.devicePath ?? '',
    signatures: signatures.map(({ type, uuid, offsetBytes, partition }) => ({
      type,
      ...(uuid === undefined ? {} : { uuid }),
      ...(offsetBytes === undefined ? {} : { offsetBytes }),
      ...(partition === undefined ? {} : { partition }),
    })),
    partitions: [...partitions],
    wiped: false,
  };
}

/** Looks into disks that may be wiped. What can't be looked at tells so, and holds nobody else up. */
export async function contentsOf(
  { tools }: AgentContext,
  disks: readonly LocalDisk[],
  signal: AbortSignal,
): Promise<DiskContents> {
  const found = new Map<string, DiskContent>();
  for (const { metadata, spec } of disks)
    try {
      found.set(metadata.name, await tools.disks.content(spec.devicePath ?? '', signal));
    } catch (error) {
      if (!isCommandError(error) || error.code === 'TOOL_MISSING' || signal.aborted) throw error;
      found.set(metadata.name, { signatures: [], partitions: [], blocker: error.message, blank: false });
    }
  return found;
}
