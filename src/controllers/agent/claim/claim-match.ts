import { findCondition } from '@dot-kube/operator';
import type { LocalDiskClaim } from '../../../api/local-disk-claim.schema.ts';
import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import { ownerAnnotation, reservedByAnnotation } from '../../../api/names.ts';
import { claimOfWhole, type DiskContents, isDirty, namesDisks, ordersWiping, wipeRefusal } from './claim-wipe.ts';

/** A disk, or what a claim names and its node does not have, and the rule that refused it. */
export interface DiskRefusal {
  /** Name of a LocalDisk; of a stranger, what the claim calls it. */
  readonly disk: string;
  readonly reason: string;
}

/** The owner that a claim takes its disks for when it names none. */
export const poolOwner = 'local-storage';

/**
 * Every disk of the node that passes all rules of a claim, and for each other one the rule that refused it. What the
 * claim names and the node does not have comes first, then the disks that are asked for, then the others. A claim takes
 * all that match, not the first.
 * @param contents of the disks that `mayBeWiped` names
 */
export function matchDisks(
  claim: LocalDiskClaim,
  disks: readonly LocalDisk[],
  contents: DiskContents = new Map(),
): { readonly matched: readonly string[]; readonly refusals: readonly DiskRefusal[] } {
  const sorted = disks.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const notAsked = new Map(sorted.map((disk) => [disk, mismatchOf(claim, disk)]));
  const asked = sorted.filter((disk) => notAsked.get(disk) === undefined);
  const unfit = new Map(asked.map((disk) => [disk, unfitnessOf(claim, disk, { disks, contents })]));
  const refusals = [...unfit, ...notAsked].flatMap(([{ metadata }, reason]) =>
    reason === undefined ? [] : [{ disk: metadata.name, reason }],
  );
  return {
    matched: asked.filter((disk) => unfit.get(disk) === undefined).map(({ metadata }) => metadata.name),
    refusals: [...strangers(claim, disks), ...refusals],
  };
}

/** Whether a claim asks for a disk, fit for it or not. */
export const isAsked = (claim: LocalDiskClaim, disk: LocalDisk): boolean => mismatchOf(claim, disk) === undefined;

/** Disks that a claim would have if they were wiped, and may have wiped if nothing on them speaks against that. */
export const mayBeWiped = (claim: LocalDiskClaim, disk: LocalDisk): boolean =>
  ordersWiping(claim) && isDirty(disk) && isAsked(claim, disk) && holderOf(claim, disk) === undefined;

/** What the claim names, and what is no disk of its node. */
function strangers({ spec }: LocalDiskClaim, disks: readonly LocalDisk[]): DiskRefusal[] {
  const { localDiskNames: names = [], devicePaths: paths = [] } = spec.description ?? {};
  const own = disks.filter((disk) => disk.spec.nodeName === spec.nodeName);
  const isOwn = (word: string): boolean =>
    own.some(({ metadata, spec: { devicePath } }) => metadata.name === word || devicePath === word);
  const unknown = [...names, ...paths].filter((word) => !isOwn(word));
  return unknown.map((word) => ({ disk: word, reason: `is not a disk of node ${spec.nodeName}` }));
}

/** The first of the claim's wishes that a disk does not meet. */
function mismatchOf({ spec }: LocalDiskClaim, disk: LocalDisk): string | undefined {
  const { description } = spec;
  const names = description?.localDiskNames ?? [];
  const paths = description?.devicePaths ?? [];
  const type = disk.spec.diskAttributes?.type ?? 'unknown';
  const capacity = disk.spec.capacity ?? 0;
  if (disk.spec.nodeName !== spec.nodeName) return `is on node ${disk.spec.nodeName}`;
  if (names.length > 0 && !names.includes(disk.metadata.name)) return 'is not among the disks asked for';
  if (paths.length > 0 && !paths.includes(disk.spec.devicePath ?? '')) return 'is not among the device paths asked for';
  if (disk.spec.diskAttributes?.devType === 'part' && names.length === 0 && paths.length === 0)
    return 'is a partition; a claim takes one only if it names it, in localDiskNames or devicePaths';
  if (description?.diskType !== undefined && type !== description.diskType)
    return `is of type ${type}, not ${description.diskType}; if the disk tells that wrongly, set spec.diskAttributes.type of its LocalDisk`;
  if (description?.capacity !== undefined && capacity < description.capacity)
    return `has ${capacity} bytes, ${description.capacity} are asked for`;
  return undefined;
}

/** Who else has a disk, or keeps it from being used. */
function holderOf({ metadata }: LocalDiskClaim, disk: LocalDisk): string | undefined {
  const { claimRef, reserved } = disk.spec;
  if (claimRef !== undefined && claimRef.name !== metadata.name) return `belongs to LocalDiskClaim ${claimRef.name}`;
  if (reserved !== true) return undefined;
  const action = disk.metadata.annotations?.[reservedByAnnotation];
  const by = action === undefined ? '' : ` by LocalDiskAction ${action}`;
  return `is reserved${by}; to have it used, set spec.reserved of its LocalDisk to false`;
}

/** What speaks against a disk that is asked for. */
function unfitnessOf(
  claim: LocalDiskClaim,
  disk: LocalDisk,
  facts: { disks: readonly LocalDisk[]; contents: DiskContents },
): string | undefined {
  const { claimRef, owner = '' } = disk.spec;
  const held = holderOf(claim, disk);
  if (held !== undefined) return held;
  const whole = claimOfWhole(disk, facts.disks);
  if (whole !== undefined) return `is a partition of a disk that belongs to LocalDiskClaim ${whole}`;
  const isFree = claimRef !== undefined || disk.status?.claimState === 'Available';
  if (!isFree) {
    if (!mayBeWiped(claim, disk)) {
      const usable = findCondition(disk.status?.conditions, 'Usable');
      const orElse =
        isDirty(disk) && namesDisks(claim) ? ' Or, if it may go, set spec.wipe of this claim to true.' : '';
      return `can't be used: ${usable?.message ?? 'not looked at yet'}${orElse}`;
    }
    const unwipeable = wipeRefusal(claim, disk, facts);
    if (unwipeable !== undefined) return unwipeable;
  }
  const isOfPerson = owner !== disk.metadata.annotations?.[ownerAnnotation];
  if (owner !== '' && isOfPerson && owner !== (claim.spec.owner || poolOwner))
    return `belongs to ${owner}; to have it used here, empty spec.owner of its LocalDisk`;
  return undefined;
}
