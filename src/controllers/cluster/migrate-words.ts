import { rfc3339 } from '@dot-kube/operator';
import type { LocalVolumeMigrateEvent } from '../../machines/index.ts';
import { localVolumeMigrateEvents } from '../../machines/local-volume-migrate.machine.ts';
import type { Why } from '../progress.ts';
import { canGoOn } from './migrate-event.ts';
import { sourceLostMs, targetLostMs, type MigrateFacts } from './migrate-facts.ts';

type Type = LocalVolumeMigrateEvent['type'];

/** Why a move is where it is; with the time until which somebody is waited for, where there is one. */
export interface MigrateWhy extends Why {
  readonly untilMs?: number;
}

/**
 * An observation of a move in the words of its status: what happened, whom it waits for, and what to do.
 * @param refused why no target was found, where none was
 */
export function migrateWords(type: Type, facts: MigrateFacts, refused: Why | undefined): MigrateWhy {
  if (type === 'target.refused' && refused !== undefined) return refused;
  const reason = type.replace(/(^|\.)(\w)/g, (_all, _dot, letter: string) => letter.toUpperCase());
  const stalled = stallOf(facts);
  if (stalled !== undefined && type === 'seed.overdue')
    return { ...stalled, message: `The source did not get ready in time. ${stalled.message}` };
  if (stalled !== undefined && isWaiting(type)) return stalled;
  const meaning = localVolumeMigrateEvents[type];
  const said = own[type]?.(facts) ?? `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`;
  const absence = isWaiting(type) ? absenceOf(type, facts) : undefined;
  return {
    reason,
    message: absence === undefined ? said : `${said} ${absence.message}`,
    ...(absence?.untilMs === undefined ? {} : { untilMs: absence.untilMs }),
  };
}

/** What a host tool refused on either side, with the node's name. */
export const stallOf = ({ source, target = '', sourceSide, targetSide }: MigrateFacts): Why | undefined => {
  const [node, stalled] =
    sourceSide?.stalled === undefined ? [target, targetSide?.stalled] : [source, sourceSide.stalled];
  return stalled && { reason: stalled.reason, message: `${node}: ${stalled.message}`.slice(0, 8000) };
};

const onSource = ['source.seeding', 'source.cutting', 'source.leaving', 'abort.unsafe', 'abort.unproven'] as const;
const onTarget = ['target.unproven', 'target.settling', 'target.stale'] as const;
const onEither = ['pair.syncing', 'abort.waiting'] as const;

/** Nothing can be done but by an agent. */
const isWaiting = (type: Type): boolean =>
  ([...onSource, ...onTarget, ...onEither] as readonly string[]).includes(type);

const own: Partial<Record<Type, (facts: MigrateFacts) => string>> = {
  'volume.busy': ({ record, isBlocked, volume }) => {
    if (record === undefined) return 'The volume has no writer record: nothing says which copy is good. Restore it.';
    if (record.writer !== undefined)
      return `Node ${record.writer} has the volume open. The move begins when no pod uses it any more.`;
    if (isBlocked) return 'Another move of the volume was there first; see kubectl get lvmigrate.';
    return volume?.ready === true
      ? 'The copy on the source is still half of an earlier move’s pair.'
      : 'The volume is not Ready; see kubectl describe lv.';
  },
  'source.wrong': ({ source, volume }) =>
    `The volume is not on ${source}, but on ${volume?.nodes.join(', ') || 'no node yet'}. ` +
    'Order a move whose sourceNode is the node that it is on.',
  'abort.unsafe': ({ source }) =>
    `${source} does not show its copy whole, so the other one stays. Bring the node and its disk back; see kubectl describe lvr.`,
  'pair.broken': ({ source, target = '', targetAwaySinceMs, targetIsUnfit, sourceSide, targetSide }) => {
    if (targetAwaySinceMs !== undefined) return `${target} has not answered since ${rfc3339(targetAwaySinceMs)}.`;
    if (targetIsUnfit) return `${target} is being drained itself.`;
    const side = sourceSide?.seen?.state === 'Broken' ? source : target;
    return `The side on ${side} lost what it needs for the pair (${(side === source ? sourceSide : targetSide)?.state ?? 'no replica'}); see kubectl describe lvr.`;
  },
  'source.lost': ({ source, target }) =>
    `${source} has been away for too long. Nobody writes, and ${target} has every write: the volume goes on there.`,
};

/** Which node does not answer, since when, and what happens when it stays away. */
function absenceOf(type: Type, facts: MigrateFacts): { message: string; untilMs?: number } | undefined {
  const { source, target, sourceAwaySinceMs, targetAwaySinceMs } = facts;
  const isOneOf = (list: readonly string[]): boolean => list.includes(type);
  if (sourceAwaySinceMs !== undefined && !isOneOf(onTarget)) {
    const untilMs = sourceAwaySinceMs + sourceLostMs;
    const then = canGoOn(facts)
      ? `If it stays away until ${rfc3339(untilMs)}, the volume goes on with the copy on ${target}.`
      : 'The data are there, so it is waited for as long as it takes.';
    return {
      message: `${source} has not answered since ${rfc3339(sourceAwaySinceMs)}. ${then}`,
      ...(canGoOn(facts) ? { untilMs } : {}),
    };
  }
  if (targetAwaySinceMs !== undefined && !isOneOf(onSource)) {
    const untilMs = targetAwaySinceMs + targetLostMs;
    const isGivenUp = type === 'pair.syncing' || type === 'target.stale';
    const then = isGivenUp ? ` If it stays away until ${rfc3339(untilMs)}, the move is taken back.` : '';
    return {
      message: `${target} has not answered since ${rfc3339(targetAwaySinceMs)}.${then}`,
      ...(isGivenUp ? { untilMs } : {}),
    };
  }
  return undefined;
}
