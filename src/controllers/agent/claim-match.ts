import type { LocalDiskClaim } from '../../api/local-disk-claim.schema.ts';
import type { LocalDisk } from '../../api/local-disk.schema.ts';
import type { Refusal } from '../placement.ts';

/** The owner that a claim takes its disks for when it names none. */
export const poolOwner = 'local-storage';

/**
 * Every disk of the node that passes all rules of a claim, and for each other one the rule that refused it; a disk that
 * the claim names and the node does not have comes first. A claim takes all that match, not the first.
 */
export function matchDisks(
  claim: LocalDiskClaim,
  disks: readonly LocalDisk[],
): { readonly matched: readonly string[]; readonly refusals: readonly Refusal[] } {
  const judged = disks
    .map((disk) => ({ disk: disk.metadata.name, reason: refusalOf(claim, disk) }))
    .sort((a, b) => (a.disk < b.disk ? -1 : 1));
  const refused = judged.flatMap(({ disk, reason }) => (reason === undefined ? [] : [{ node: disk, reason }]));
  return {
    matched: judged.flatMap(({ disk, reason }) => (reason === undefined ? [disk] : [])),
    refusals: [...strangers(claim, disks), ...refused],
  };
}

/** Disks that the claim names, and that are not of its node. */
const strangers = ({ spec }: LocalDiskClaim, disks: readonly LocalDisk[]): Refusal[] =>
  (spec.description?.localDiskNames ?? [])
    .filter(
      (name) => !disks.some(({ metadata, spec: disk }) => metadata.name === name && disk.nodeName === spec.nodeName),
    )
    .map((name) => ({ node: name, reason: `is not a disk of node ${spec.nodeName}` }));

/** The first rule of the claim that a disk breaks. */
function refusalOf({ spec, metadata }: LocalDiskClaim, disk: LocalDisk): string | undefined {
  const { description } = spec;
  const names = description?.localDiskNames ?? [];
  const paths = description?.devicePaths ?? [];
  if (disk.spec.nodeName !== spec.nodeName) return `is on node ${disk.spec.nodeName}`;
  if (names.length > 0 && !names.includes(disk.metadata.name)) return 'is not among the disks asked for';
  if (paths.length > 0 && !paths.includes(disk.spec.devicePath ?? '')) return 'is not among the device paths asked for';
  if (description?.diskType !== undefined && disk.spec.diskAttributes?.type !== description.diskType)
    return `is of type ${disk.spec.diskAttributes?.type ?? 'unknown'}, not ${description.diskType}`;
  if (disk.spec.claimRef !== undefined && disk.spec.claimRef.name !== metadata.name)
    return `belongs to LocalDiskClaim ${disk.spec.claimRef.name}`;
  const usable = disk.status?.conditions?.find(({ type }) => type === 'Usable');
  const isFree = disk.spec.claimRef !== undefined || disk.status?.claimState === 'Available';
  if (disk.spec.reserved === true) return 'is reserved';
  if (!isFree) return `can't be used: ${usable?.message ?? usable?.reason ?? 'not looked at yet'}`;
  if (disk.spec.owner !== undefined && disk.spec.owner !== '' && disk.spec.owner !== (spec.owner ?? poolOwner))
    return `belongs to ${disk.spec.owner}`;
  if (description?.capacity !== undefined && (disk.spec.capacity ?? 0) < description.capacity)
    return `has ${disk.spec.capacity ?? 0} bytes, ${description.capacity} are asked for`;
  return undefined;
}
