import { findCondition, stalledOf } from '@dot-kube/operator';
import type { LocalVolumeMigrate } from '../../api/local-volume-migrate.schema.ts';
import type { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import type { LocalVolume } from '../../api/local-volume.schema.ts';
import type { PlannedMove } from '../../api/local-storage-node.schema.ts';
import { type Followings, targetsOf, waitsFor } from './access/following.ts';
import { evictionName, hasBegun, isEviction, isFinished, takenBackType } from './migrate-names.ts';

/** After an aborted move the next one waits for so long: what stopped it may still be there. */
export const retryMs = 30_000;

export interface DrainFacts {
  readonly node: string;
  /** When the drain was first seen, in ms; moves that ended before belong to an earlier one. */
  readonly sinceMs: number | undefined;
  readonly volumes: readonly LocalVolume[];
  readonly replicas: readonly LocalVolumeReplica[];
  readonly migrates: readonly LocalVolumeMigrate[];
  /** Volumes whose data the node's pools hold, as its agent tells. */
  readonly onDisk: readonly string[];
  /** What the pods of the volumes say. */
  readonly followings: Followings;
  readonly nowMs: number;
}

export interface DrainPlan {
  readonly entries: PlannedMove[];
  /** Volumes on the node that need a move made now, or the one that waits to begin changed. */
  readonly unmoved: readonly string[];
  /** A volume’s move was aborted a moment ago, and is not made anew yet. */
  readonly isResting: boolean;
  /** Something of a volume is left on the node. */
  readonly isLeft: boolean;
}

/** What the drain of a node does with each of its volumes. */
export function drainPlan(facts: DrainFacts): DrainPlan {
  const { node, volumes, replicas, migrates } = facts;
  const here = replicas.filter(({ spec }) => spec.nodeName === node);
  const staying = volumes
    .filter(({ spec }) => !spec.delete && (spec.config?.replicas ?? []).some(({ hostname }) => hostname === node))
    .map(({ metadata }) => metadata.name);
  const own = migrates.filter(({ spec }) => spec.sourceNode === node);
  const moved = own
    .filter(({ status }) => isOver(status?.state) && Date.parse(status?.since ?? '') >= (facts.sinceMs ?? Infinity))
    .map(({ spec }) => spec.volumeName)
    .filter((volume) => !staying.includes(volume));
  const known = new Set(volumes.map(({ metadata }) => metadata.name));
  const unclaimed = [...here.map(({ spec }) => spec.volumeName), ...facts.onDisk].filter(
    (volume) => !known.has(volume),
  );
  /** A move that brought the volume here and has not ended: the next one has to wait for it. */
  const arriving = (volume: string) =>
    migrates.find(
      ({ spec, status }) => spec.volumeName === volume && spec.sourceNode !== node && !isFinished(status?.state),
    );
  const moveOf = (volume: string) => own.find((migrate) => isOf(migrate, volume));
  const entries = [...new Set([...staying, ...moved, ...unclaimed])].sort().map((volume) => {
    if (unclaimed.includes(volume))
      return { volume, from: node, state: 'Blocked' as const, blocker: unclaimedBlocker(volume) };
    const before = arriving(volume);
    if (before !== undefined)
      return { volume, from: node, state: 'Blocked' as const, blocker: arrivingBlocker(before.metadata.name) };
    return entryOf(volume, here, moveOf(volume), facts);
  });
  const unmoved = staying.filter((volume) => {
    const targets = targetsOf(facts.followings.get(volume));
    const running = own.find(({ spec, status }) => spec.volumeName === volume && !isFinished(status?.state));
    if (running !== undefined) return isOutdated(running, targets);
    return targets !== undefined && arriving(volume) === undefined && !isResting(moveOf(volume), facts.nowMs);
  });
  const resting = staying.some((volume) => isResting(moveOf(volume), facts.nowMs));
  return {
    entries,
    unmoved: unmoved.sort(),
    isResting: resting,
    isLeft: here.length > 0 || staying.length > 0 || facts.onDisk.length > 0,
  };
}

/** Nothing of the volume is left on the source; where a pod has it on the target, DRBD stays there until the pod ends. */
const isOver = (state: string | undefined): boolean => state === 'Completed' || state === 'Settling';

/** A move that a drain made, that has not begun, and that pods want elsewhere since. */
const isOutdated = ({ metadata, spec, status }: LocalVolumeMigrate, targets: readonly string[] | undefined): boolean =>
  isEviction(metadata.name) &&
  ['', 'Submitted'].includes(status?.state ?? '') &&
  !spec.abort &&
  (targets === undefined || targets.join() !== spec.targetNodesSuggested.join());

const unclaimedBlocker = (volume: string): string =>
  `Unclaimed: data of ${volume} are on the node, and no LocalVolume of that name wants them. ` +
  'Restore the LocalVolume to have them moved, or remove the data by hand (lvs on the node).';

const arrivingBlocker = (migrate: string): string =>
  `MoveNotEnded: the volume came here by ${migrate}, which has not ended. It moves on by itself when that has; see kubectl get lvmigrate ${migrate}.`;

/** The move that counts for a volume: one that runs, else the one that a drain made. */
const isOf = ({ metadata, spec, status }: LocalVolumeMigrate, volume: string): boolean =>
  spec.volumeName === volume && (!isFinished(status?.state) || metadata.name === evictionName(volume));

const isResting = (migrate: LocalVolumeMigrate | undefined, nowMs: number): boolean =>
  migrate?.status?.state === 'Aborted' && nowMs - Date.parse(migrate.status.since ?? '') < retryMs;

function entryOf(
  volume: string,
  here: readonly LocalVolumeReplica[],
  migrate: LocalVolumeMigrate | undefined,
  { node, followings }: DrainFacts,
): PlannedMove {
  const status = migrate?.status;
  const bytes = status?.bytes ?? here.find(({ spec }) => spec.volumeName === volume)?.status?.allocatedCapacityBytes;
  // It goes on by itself once a tool on one of its nodes does what it refuses now.
  const stalled = stalledOf(status);
  const why = findCondition(status?.conditions, takenBackType) ?? stalled ?? status;
  const blocker = `${why?.reason ?? 'Unknown'}: ${why?.message ?? ''}`;
  const common = {
    volume,
    from: node,
    ...(status?.targetNode ? { to: status.targetNode } : {}),
    ...(bytes === undefined ? {} : { bytes }),
  };
  const following = followings.get(volume);
  const waits = waitsFor(following);
  if (waits !== undefined && !hasBegun(status?.state))
    return {
      ...common,
      state: waits.isPinned ? 'Blocked' : 'Waiting',
      blocker: `${waits.reason}: ${waits.message}`.slice(0, 8000),
    };
  const to = following?.kind === 'placed' && !hasBegun(status?.state) ? { to: following.node } : {};
  switch (status?.state) {
    case undefined:
    case '':
      return { ...common, ...to, state: 'Waiting' };
    case 'Submitted':
    case 'Aborted':
      return { ...common, ...to, state: 'Blocked', blocker };
    case 'Settling':
    case 'Completed':
      return { ...common, state: 'Moved' };
    default:
      return stalled === undefined ? { ...common, state: 'Moving' } : { ...common, state: 'Moving', blocker };
  }
}
