import { type EmittedEvent, findCondition, type Refusal, stalledOf } from '@dot-kube/operator';
import type { Condition } from '../../../api/conditions.ts';
import type { LocalPool, NodeDrbd } from '../../../api/local-storage-node.schema.ts';
import type { OperatingSystem } from '../../../api/observed/index.ts';
import { isCommandError } from '../../../node/errors.ts';
import type { Why } from '../../progress.ts';
import { installCommand, installProgram } from './install-words.ts';

/** What an agent saw of its node beside its disks; absent: it was not looked at, or could not be. */
export interface NodeSight {
  /** Why the agent can't see all of its node, if it can't. */
  readonly refusal?: Refusal;
  /** LVM is what the host lacks. */
  readonly lvmIsMissing?: boolean;
  readonly system?: OperatingSystem;
  readonly hasDeviceMapper?: boolean;
  /** Of each disk: whether udev has a record of it. */
  readonly inUdevDatabase?: readonly boolean[];
  readonly drbd?: NodeDrbd;
  /** Paths of disks that say of themselves that they are failing. */
  readonly failing?: readonly string[];
  readonly lvm?: LvmView;
}

interface LvmView {
  readonly pools: readonly LocalPool[];
  /** What speaks against groups of a pool's name that are no pool of this node. */
  readonly strangers: readonly Why[];
  /** Pools in whose metadata little room is left. */
  readonly lowOnMetadata: readonly string[];
  /** What keeps copies from having objects. */
  readonly unaccounted: readonly Why[];
}

interface Verdict extends Why {
  readonly status: 'True' | 'False' | 'Unknown';
}

const yes = (reason: string, message: string): Verdict => ({ status: 'True', reason, message });
const no = (reason: string, message: string): Verdict => ({ status: 'False', reason, message });
const unseen: Verdict = { status: 'Unknown', reason: 'NotSeen', message: 'The agent could not look yet.' };

/** Every condition that the agent tells of its node. */
export const nodeConditionTypes = [
  'Available',
  'PoolsHealthy',
  'GroupsOwned',
  'MetadataAmple',
  'CopiesKnown',
  'DisksDistinguishable',
  'DisksHealthy',
  'DeviceMapperLoaded',
  'Replicable',
] as const;
export type NodeConditionType = (typeof nodeConditionTypes)[number];

/** All of them after one look, `Unknown` where nothing was seen. */
export function nodeConditions(sight: NodeSight): Record<NodeConditionType, Verdict> {
  const { lvm, inUdevDatabase, hasDeviceMapper } = sight;
  return {
    Available: available(sight),
    PoolsHealthy: lvm === undefined ? unseen : poolsHealthy(lvm.pools),
    GroupsOwned: lvm === undefined ? unseen : groupsOwned(lvm.strangers),
    MetadataAmple: lvm === undefined ? unseen : metadataAmple(lvm.lowOnMetadata),
    CopiesKnown: lvm === undefined ? unseen : copiesKnown(lvm.unaccounted),
    DisksDistinguishable: inUdevDatabase === undefined ? unseen : distinguishable(inUdevDatabase),
    DisksHealthy: sight.failing === undefined ? unseen : disksHealthy(sight.failing),
    DeviceMapperLoaded: hasDeviceMapper === undefined ? unseen : deviceMapperLoaded(hasDeviceMapper),
    Replicable: replicable(sight),
  };
}

function available({ refusal, lvmIsMissing, system = { idLike: [] } }: NodeSight): Verdict {
  if (refusal === undefined) return yes('Observed', 'The agent sees its node.');
  if (lvmIsMissing === true)
    return no(
      'LvmMissing',
      `The node has no LVM (lvs, vgs, pvs), so no disk of it becomes a pool and no volume is made, grown or removed. Volumes in use go on. Type on the node: ${installCommand(system, 'lvm2')}. Nothing else has to be done.`,
    );
  if (isCommandError(refusal.error, 'TOOL_MISSING')) {
    const { command, stderr } = refusal.error;
    const [program = ''] = command.split(' ');
    const said = stderr.trim() === '' ? '' : ` (${stderr.trim()})`;
    return no(
      refusal.reason,
      `The node has no ${program}, so its disks can’t all be looked at${said}. Type on the node: ${installProgram(system, program)}. Nothing else has to be done.`,
    );
  }
  return no(refusal.reason, refusal.message);
}

function poolsHealthy(pools: readonly LocalPool[]): Verdict {
  if (pools.length === 0) return yes('NoPool', 'The node has no pool. A LocalDiskClaim makes one of bare disks.');
  const amiss = pools.flatMap((pool): Why[] => {
    const refused = stalledOf(pool);
    const why =
      pool.state === 'Healthy' ? [] : [{ reason: pool.reason ?? 'NotSeen', message: pool.message ?? pool.name }];
    return [...why, ...(refused === undefined ? [] : [{ reason: refused.reason, message: refused.message }])];
  });
  const [first] = amiss;
  return first === undefined ? yes('Whole', 'All disks of all pools are there.') : no(first.reason, sentences(amiss));
}

function groupsOwned(strangers: readonly Why[]): Verdict {
  const [first] = strangers;
  if (first !== undefined) return no(first.reason, sentences(strangers));
  return yes('Owned', 'Every volume group under a pool’s name is this node’s.');
}

function copiesKnown(unaccounted: readonly Why[]): Verdict {
  const [first] = unaccounted;
  if (first !== undefined) return no(first.reason, sentences(unaccounted));
  return yes('Known', 'A LocalVolumeReplica stands for every copy of a volume here.');
}

const metadataAmple = (low: readonly string[]): Verdict =>
  low.length === 0
    ? yes('Ample', 'LVM has room in its metadata for more volumes.')
    : no(
        'MetadataLow',
        `${low.join(' and ')}: less than a fifth of LVM’s metadata area is left, so no more volumes are placed here. Remove or move volumes; or add two disks of 1 GiB or more with a LocalDiskClaim, which get larger areas, and once both are in let LVM leave the small ones out: pvchange --metadataignore y DEVICE for each older disk. Never leave the description of a pool on fewer than two disks: whoever loses the last of them loses the pool (pvs -o +pv_mda_used_count).`,
      );

function distinguishable(inUdevDatabase: readonly boolean[]): Verdict {
  if (inUdevDatabase.length === 0)
    return yes('NoDisk', 'The node has no disk, so there is none to be told from others.');
  if (inUdevDatabase.includes(true)) return yes('Observed', 'udev knows the disks of the node.');
  return no(
    'NoUdevDatabase',
    'udev has no record of any disk, so serial numbers are unknown and disks can’t be told apart. The agent needs a running udevd on the node, and /run/udev as the node has it: systemctl status systemd-udevd; udevadm trigger',
  );
}

const disksHealthy = (failing: readonly string[]): Verdict =>
  failing.length === 0
    ? yes('NoneFailing', 'No disk says of itself that it is failing. Those without SMART say nothing.')
    : no(
        'DiskFailing',
        `${failing.join(' and ')} on the node: failing, as the disk itself says (SMART). Condition Healthy of its LocalDisk says what to do.`,
      );

const deviceMapperLoaded = (isLoaded: boolean): Verdict =>
  isLoaded
    ? yes('Observed', 'The kernel has the device-mapper, which logical volumes stand on.')
    : no(
        'NoDeviceMapper',
        'The kernel has no device-mapper, and module dm_mod can’t be loaded, so no logical volume can be used. Type on the node: modprobe dm_mod; where that fails, install the modules of the kernel that runs.',
      );

function replicable({ drbd, system = { idLike: [] } }: NodeSight): Verdict {
  if (drbd === undefined) return unseen;
  if (drbd.version !== undefined) return yes('Observed', `The kernel has DRBD ${drbd.version}.`);
  return no(
    'NoDrbd',
    `The kernel has no DRBD, so volumes can neither be replicated here nor move from or to this node by replication. All else works without it. To have it: ${installCommand(system, 'drbd-utils')}; and the kernel’s module drbd, which the agent loads by itself once it is there.`,
  );
}

/** Well below what the API takes as the message of a condition. */
const sentences = (list: readonly Why[]): string =>
  list
    .map(({ message }) => message)
    .join(' ')
    .slice(0, 8000);

/** Those that a person is told of when they change; of the pools each tells itself, and a node needs no DRBD. */
const announced: readonly string[] = nodeConditionTypes.filter(
  (type) => type !== 'PoolsHealthy' && type !== 'Replicable',
);

/** What changed between two looks, for a person: what is not well now, and what is well again. */
export function conditionEvents(before: readonly Condition[] | undefined, now: readonly Condition[]): EmittedEvent[] {
  return now
    .filter(({ type }) => announced.includes(type))
    .flatMap(({ type, status, reason, message }): EmittedEvent[] => {
      const last = findCondition(before, type);
      if (status === 'False' && (last?.status !== 'False' || last.reason !== reason))
        return [{ type: 'Warning', reason, message }];
      return status === 'True' && last?.status === 'False' ? [{ type: 'Normal', reason, message }] : [];
    });
}
