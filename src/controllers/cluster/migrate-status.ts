import { findCondition, stalledOf, stalledType } from '@dot-kube/operator';
import type { Condition } from '../../api/conditions.ts';
import type {
  LocalVolumeMigrate,
  LocalVolumeMigrateState,
  LocalVolumeMigrateStatus,
} from '../../api/local-volume-migrate.schema.ts';
import { progressOf, type Why, withCondition } from '../progress.ts';
import type { Target } from './choose-target.ts';
import { isFinished, seedingMs, takenBackType } from './migrate-names.ts';
import type { MigrateWhy } from './migrate-words.ts';
import type { MigrateObjects } from './observe-migrate.ts';

/** A step that lasts longer is told as overdue. */
const deadlineMs = 1_800_000;

export interface MigrateSight {
  readonly state: LocalVolumeMigrateState;
  readonly why: MigrateWhy;
  /** What a host tool refuses on one of the sides. */
  readonly stalled: Why | undefined;
  /** Chosen in this pass. */
  readonly target: Target | undefined;
}

/** The status of a move after one look. */
export function migrateStatus(
  { status: before, spec, metadata }: LocalVolumeMigrate,
  { source, target: targetReplica }: MigrateObjects,
  { state, why: seen, stalled, target }: MigrateSight,
  nowMs: number,
): LocalVolumeMigrateStatus {
  const { deadline: _deadline, ...kept } = before ?? {};
  const times = { nowMs, generation: metadata.generation };
  const leftBytes = source?.status?.pair?.outOfSyncBytes ?? targetReplica?.status?.pair?.outOfSyncBytes;
  const bytes = before?.bytes ?? source?.status?.allocatedCapacityBytes;
  const why = withCause(before, state, seen);
  return {
    ...kept,
    state,
    originalReplicaNumber: 1,
    volumes: [spec.volumeName],
    // Saved in the same write that begins the move: before anything is done with it.
    ...(state === 'Seeding' && target !== undefined && before?.targetNode === undefined
      ? {
          targetNode: target.node,
          resourceID: target.resourceID,
          // Not the name: every drain of a volume uses the same one. Kept from here on, whatever the object's uid becomes.
          moveId: metadata.uid ?? '',
          legs: target.legs,
        }
      : {}),
    ...(bytes === undefined ? {} : { bytes }),
    ...(leftBytes === undefined ? {} : { outOfSyncBytes: leftBytes }),
    ...progressOf(before, state, why, { nowMs, ...deadlineOf(before, state, why, nowMs) }),
    conditions: withStall(conditionsOf(before, state, why, times), isFinished(state) ? undefined : stalled, times),
  };
}

/** What a side is refused is told here too, for as long as it is. */
function withStall(conditions: Condition[], stalled: Why | undefined, times: Times): Condition[] {
  if (stalled !== undefined) return withCondition(conditions, { type: stalledType, status: 'True', ...stalled }, times);
  if (stalledOf({ conditions }) === undefined) return conditions;
  const healed = { reason: 'Done', message: 'Neither side is refused anything.' };
  return withCondition(conditions, { type: stalledType, status: 'False', ...healed }, times);
}

interface Times {
  readonly nowMs: number;
  readonly generation: number | undefined;
}

type Before = LocalVolumeMigrateStatus | undefined;

function conditionsOf(before: Before, state: LocalVolumeMigrateState, { reason, message }: Why, times: Times) {
  const isOver = isFinished(state);
  const isTakenBack = state === 'ToBeAborted' || (state === 'Aborted' && before?.state !== 'ToBeAborted');
  // Why it was taken back is told for as long as the move is.
  const conditions =
    isTakenBack && before?.state !== state
      ? withCondition(before?.conditions, { type: takenBackType, status: 'True', reason, message }, times)
      : before?.conditions;
  return withCondition(conditions, { type: 'Finished', status: isOver ? 'True' : 'False', reason, message }, times);
}

/** A move that went back says at its end why it did. */
function withCause(before: Before, state: LocalVolumeMigrateState, why: MigrateWhy): MigrateWhy {
  const cause = state === 'Aborted' ? findCondition(before?.conditions, takenBackType)?.message : undefined;
  return cause === undefined ? why : { ...why, message: `${why.message} It was taken back: ${cause}`.slice(0, 8000) };
}

/** Of the state; while a node is waited for, until when. */
function deadlineOf(
  before: Before,
  state: LocalVolumeMigrateState,
  { untilMs }: MigrateWhy,
  nowMs: number,
): { deadlineMs?: number } {
  if (isFinished(state)) return {};
  const sinceMs = before?.state === state && before.since !== undefined ? Date.parse(before.since) : nowMs;
  if (untilMs !== undefined) return { deadlineMs: untilMs - sinceMs };
  return { deadlineMs: state === 'Seeding' ? seedingMs : deadlineMs };
}
