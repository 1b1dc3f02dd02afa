import type { Why } from '../progress.ts';

/** A target that was away for so long is given up; before that it may be rebooting. */
export const targetLostMs = 180_000;

/** A source that was away for so long is left behind, if the target has everything; otherwise it is waited for. */
export const sourceLostMs = 300_000;

/** One side of a move as its LocalVolumeReplica shows it. */
export interface SideView {
  readonly deleted: boolean;
  readonly state: string;
  /** What a tool on its node refused, as long as it does. */
  readonly stalled?: Why;
  /** The pair that the controller asked this side for. */
  readonly asked: { readonly moveId: string; readonly phase: string } | undefined;
  /** The pair as this side reports it. */
  readonly seen:
    | {
        readonly state: string;
        readonly connection?: string;
        readonly disk?: string;
        readonly peerDisk?: string;
        /** That the tag of the data names. */
        readonly epoch?: number;
      }
    | undefined;
}

/** Everything a move's next step hangs on; all of it read anew for each pass. */
export interface MigrateFacts {
  /** Tells this move from every other; absent until a target is chosen. */
  readonly moveId: string | undefined;
  readonly source: string;
  /** Saved target; absent until one is chosen. */
  readonly target: string | undefined;
  readonly volume:
    | { readonly deleted: boolean; readonly ready: boolean; readonly nodes: readonly string[] }
    | undefined;
  readonly record:
    | {
        readonly writer: string | undefined;
        readonly epoch: number;
        readonly inSync: readonly string[];
        readonly moveTo: string | undefined;
      }
    | undefined;
  readonly sourceSide: SideView | undefined;
  readonly targetSide: SideView | undefined;
  /** The target is to be given up: away for too long, or drained itself. */
  readonly targetIsUnfit: boolean;
  /** The source had its time to get ready, with its agent there, and is not. */
  readonly seedIsOverdue: boolean;
  /** The source's agent has not answered for too long. */
  readonly sourceIsLost: boolean;
  /** In ms; since when the agents do not answer, where the controller saw it. */
  readonly sourceAwaySinceMs?: number | undefined;
  readonly targetAwaySinceMs?: number | undefined;
  /** The source's agent does not answer, so what it said of its copy may be long past. */
  readonly sourceIsAway: boolean;
  /** The target's agent does not answer, so nothing there will be cleaned up soon. */
  readonly targetIsAway: boolean;
  /** Another operation was there first. */
  readonly isBlocked: boolean;
  readonly abort: boolean;
  /** The answer of the placement, asked while no target is saved. */
  readonly hasCandidate: boolean;
}
