import type { Pod } from '@dot-kube/operator';
import type { VolumeLabelValue } from '../../../api/names.ts';
import { explainRefusals, type Refusal } from '../../placement.ts';
import type { Why } from '../../progress.ts';
import { podName } from './pod-volumes.ts';

/** What the pods of a volume on a draining node say of where it goes. */
export type Following =
  /** Its PersistentVolume has an affinity that no pod can follow it by, and that can't be changed. */
  | { readonly kind: 'unmovable'; readonly persistentVolume: string }
  /** No pod: it goes where capacity says. */
  | { readonly kind: 'podless' }
  /** Its last pod ended a moment ago: another one may be on its way. */
  | { readonly kind: 'awaited' }
  /** A pod has it, or is ending. */
  | { readonly kind: 'used'; readonly pod: Pod }
  /** A pod waits for the scheduler; to these nodes the volume could go, and room is kept there. */
  | {
      readonly kind: 'pending';
      readonly pod: Pod;
      readonly nodes: readonly string[];
      readonly refusals: readonly Refusal[];
    }
  /** The scheduler put its pod there. */
  | { readonly kind: 'placed'; readonly pod: Pod; readonly node: string };

/** Volumes of draining nodes with what their pods say; others have no entry. */
export type Followings = ReadonlyMap<string, Following>;

/**
 * What the label of a volume says on a node while its pod is being placed, or was.
 * @param usual what it says by the record alone
 * @param takesPods whether the scheduler may put a pod there
 */
export function followedValue(
  usual: VolumeLabelValue | undefined,
  following: Following | undefined,
  { node, takesPods }: { node: string; takesPods: boolean },
): VolumeLabelValue | undefined {
  if (following === undefined) return usual;
  if (following.kind === 'placed') return following.node === node ? 'replica' : usual && 'standby';
  if (following.kind === 'pending' && following.nodes.includes(node)) return 'replica';
  // A pod that is there, and one that fits nowhere else, has it. So has an uncordoned source at once; one that still takes
  // pods while it is drained gets none back.
  const stays =
    following.kind === 'unmovable' ||
    (following.kind === 'used'
      ? following.pod.metadata.deletionTimestamp === undefined
      : following.kind === 'pending' && following.nodes.length === 0);
  return usual === 'replica' && takesPods && !stays ? 'standby' : usual;
}

/** Where its move may go; undefined: it is not made yet. */
export function targetsOf(following: Following | undefined): readonly string[] | undefined {
  if (following === undefined || following.kind === 'podless') return [];
  return following.kind === 'placed' ? [following.node] : undefined;
}

/** What a volume without a move waits for, for the plan of its drain. */
export function waitsFor(following: Following | undefined): (Why & { readonly isPinned: boolean }) | undefined {
  switch (following?.kind) {
    case 'unmovable':
      return {
        reason: 'Unmovable',
        message:
          `PersistentVolume ${following.persistentVolume} has a node affinity that is not ours and that Kubernetes lets nobody ` +
          'change, so no pod could use the volume elsewhere. To move it, make the PersistentVolume anew without it: set its ' +
          'reclaim policy to Retain, delete it and its claim, and create both again.',
        isPinned: true,
      };
    case 'awaited':
      return {
        reason: 'PodAwaited',
        message:
          'No pod uses it since a moment ago; one that is made anew takes it along. Without one it moves in a minute.',
        isPinned: false,
      };
    case 'used':
      return {
        reason: 'InUse',
        message: `Pod ${podName(following.pod)} has it on the node. It moves when that is evicted: kubectl drain does so.`,
        isPinned: false,
      };
    case 'pending':
      return following.nodes.length > 0 ? waitingForScheduler(following.pod, following.nodes) : fitsNowhere(following);
    default:
      return undefined;
  }
}

const waitingForScheduler = (pod: Pod, nodes: readonly string[]): Why & { isPinned: boolean } => {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const said = scheduled?.status === 'False' && scheduled.message ? ` The scheduler says: ${scheduled.message}` : '';
  return {
    reason: said === '' ? 'PodPending' : 'PodUnschedulable',
    message: `Pod ${podName(pod)} waits for the scheduler; the volume goes with it to ${nodes.join(' or ')}.${said}`,
    isPinned: false,
  };
};

const fitsNowhere = ({ pod, refusals }: Extract<Following, { kind: 'pending' }>): Why & { isPinned: boolean } => ({
  reason: 'PodUnschedulable',
  message: `Pod ${podName(pod)} waits, and its volumes have to leave their node. ${explainRefusals(refusals)} An uncordon brings it back.`,
  isPinned: true,
});
