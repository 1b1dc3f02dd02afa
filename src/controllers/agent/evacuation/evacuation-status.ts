import { findCondition, type Look, rfc3339 } from '@dot-kube/operator';
import type {
  DiskEvacuation,
  DiskEvacuationState,
  LocalDisk,
  LocalDiskStatus,
} from '../../../api/local-disk.schema.ts';
import type { DiskEvacuationEvent } from '../../../machines/index.ts';
import { progressOf, type Why, withCondition } from '../../progress.ts';
import type { EvacuationSight } from './evacuation-event.ts';
import { type EvacuationFacts, usedBytes } from './evacuation-facts.ts';

/** Within this a piece is moved, or lvm's answer is told; what is no move takes far less. */
const moveDeadlineMs = 900_000;
const stepDeadlineMs = 300_000;

export type EvacuationLook = Look<{ sight: EvacuationSight; facts: EvacuationFacts }, DiskEvacuationState>;

const conditionType = 'Evacuated';

/** The status of a LocalDisk after one look; what others say in it stays. */
export function evacuationStatus({ status, metadata }: LocalDisk, look: EvacuationLook): LocalDiskStatus {
  const { facts, state, nowMs } = look;
  const { evacuation: before, conditions, ...others } = status ?? {};
  const isIdle = state === 'Waiting' && !facts.facts.ordered;
  if (isIdle) return { ...others, conditions: (conditions ?? []).filter(({ type }) => type !== conditionType) };
  const why = whyOf(metadata.name, look);
  const isOver = state === 'Removed';
  const condition = { type: conditionType, status: isOver ? 'True' : 'False', ...why } as const;
  return {
    ...others,
    evacuation: { ...identityOf(before, look), ...timesOf(before, look), ...progress(before, look, why) },
    conditions: withCondition(conditions, condition, { nowMs, generation: metadata.generation }),
  };
}

function progress(before: DiskEvacuation | undefined, { state, effects, nowMs }: EvacuationLook, why: Why) {
  const isMove = effects.some(({ type }) => moves.has(type));
  const isTold = isMove || state === 'Removing' || state === 'Aborting';
  const known = before === undefined ? undefined : { ...before };
  const { deadline: _deadline, ...rest } = progressOf(known, state, why, { nowMs });
  if (!isTold) return { state, ...rest };
  const from = isMove ? nowMs : Date.parse(rest.since ?? '');
  return { state, ...rest, deadline: rfc3339(from + (isMove ? moveDeadlineMs : stepDeadlineMs)) };
}

/** Effects that copy data. */
const moves = new Set(['moveExtents', 'finishMove']);

/** What the disk is known by from when it begins, and how much there is to do. */
function identityOf(before: DiskEvacuation | undefined, { facts: { facts }, state }: EvacuationLook) {
  const { place } = facts;
  if (state === 'Waiting') return {};
  const { pool, physicalVolume, totalBytes } = before ?? {};
  if (place.kind !== 'pooled')
    return {
      ...(pool === undefined ? {} : { pool }),
      ...(physicalVolume === undefined ? {} : { physicalVolume }),
      ...(totalBytes === undefined ? {} : { totalBytes }),
      ...(place.kind === 'absent' ? {} : { leftBytes: 0 }),
    };
  const leftBytes = usedBytes(place);
  return {
    pool: place.group.name,
    physicalVolume: place.disk.uuid,
    totalBytes: physicalVolume === undefined ? leftBytes : (totalBytes ?? leftBytes),
    leftBytes,
  };
}

/** When the present piece began, or when the next one may. */
function timesOf(
  before: DiskEvacuation | undefined,
  { facts: { sight, facts }, state, effects, nowMs }: EvacuationLook,
) {
  if (state !== 'Emptying') return {};
  if (effects.some(({ type }) => moves.has(type))) return { pieceSince: rfc3339(nowMs) };
  if (sight.event.type !== 'extents.resting') return {};
  // The end of a rest that has begun stays where it is.
  const begun = before?.pieceSince === undefined ? before?.nextTry : undefined;
  return { nextTry: begun ?? rfc3339(nowMs + facts.restMs) };
}

/** Why the disk is where it is, for a person. */
function whyOf(name: string, { facts: { sight, facts }, state }: EvacuationLook): Why {
  if (sight.blocker !== undefined) return sight.blocker;
  const { place, device } = facts;
  const path = device?.path ?? 'the disk';
  if (state === 'Removed')
    return {
      reason: 'Removed',
      message: `${path} is out of its pool and can be pulled out. To use it again: kubectl patch ld ${name} --type merge -p '{"spec":{"reserved":false}}'. What stood on it can still be read from it; to destroy that: blkdiscard -z ${path}`,
    };
  const waits = words[sight.event.type];
  if (waits !== undefined) return waits;
  if (state === 'Aborting')
    return { reason: 'Stopped', message: 'The order was taken back. What was moved stays where it is.' };
  if (state === 'Removing')
    return { reason: 'LeavingPool', message: `Nothing stands on ${path} any more, and it is taken out of its pool.` };
  const left = place.kind === 'pooled' ? ` ${usedBytes(place)} bytes are left.` : '';
  return {
    reason: 'Emptying',
    message: `${path} gets no new volumes, and what stands on it moves to the other disks of its pool while it is in use.${left} To keep the disk: kubectl label ld ${name} hwameistor.io/eviction-`,
  };
}

const words: Partial<Record<DiskEvacuationEvent['type'], Why>> = {
  'disk.absent': {
    reason: 'DiskMissing',
    message: 'The disk is not there, or what it holds can’t be told. It goes on when it is plugged in.',
  },
  'disk.unpooled': {
    reason: 'NotInPool',
    message: 'The disk is in no pool, so there is nothing to empty. Take the label hwameistor.io/eviction off it.',
  },
  'stop.waiting': {
    reason: 'DiskMissing',
    message: 'The order was taken back, and the disk is not there. It takes volumes again when it is plugged in.',
  },
};

/** Whether a person is to be told of what this look shows: another state, or another reason. */
export function news(object: LocalDisk, look: EvacuationLook): Why | undefined {
  const before = object.status?.evacuation;
  const next = evacuationStatus(object, look);
  const condition = findCondition(next.conditions, conditionType);
  if (next.evacuation === undefined)
    return before?.state === 'Aborting'
      ? { reason: 'Stopped', message: 'The disk stays in its pool and takes volumes again.' }
      : undefined;
  const isSame = before?.state === next.evacuation.state && before.reason === next.evacuation.reason;
  return isSame || condition === undefined ? undefined : { reason: condition.reason, message: condition.message };
}
