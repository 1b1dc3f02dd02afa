import { setup } from 'xstate';
import { effect } from './effect.ts';
import { observing } from './event.ts';

export const localVolumeMigrateEvents = {
  'volume.busy': 'the volume is published, or another operation has it',
  'volume.deleted': 'the volume is being deleted or gone, and takes its replicas with it',
  'source.wrong': 'the volume is not on the node that it is to leave',
  'target.refused': 'no node can take the volume now',
  'target.chosen': 'a node can take the volume; it is saved with this step',
  'source.unseeded': 'the source was not told to seed',
  'source.seeding': 'the source is seeding',
  'source.seeded': 'the source was seeded',
  'seed.overdue': 'the source did not get ready in time',
  'record.unmoved': 'the writer record does not name the target yet',
  'source.unpaired': 'the source was not told to pair',
  'target.missing': 'the target has no replica object',
  'pair.broken': 'the target is away for too long, or a side lost its copy or its metadata',
  'pair.syncing': 'not everything is on both sides',
  'pair.synced': 'both sides saw everything on both, and the writer record says so',
  'source.lost':
    'the source is away for too long, nobody writes, and the target showed all data: it goes on without the source',
  'source.uncut': 'the source was not told to leave the pair',
  'source.cutting': 'the source is leaving the pair',
  'target.stale': 'the source is down, and the target does not show its data up to date',
  'source.cut': 'the source is down, the target is up to date',
  'record.handed': 'the writer record names the target alone, the volume does not yet',
  'target.unproven':
    'the target did not show its copy whole, tagged with the new epoch, since the record names it alone',
  'source.left': 'the volume names the target alone, the source has its replica still',
  'source.leaving': 'the source is removing its replica',
  'source.gone': 'the source has no replica any more',
  'source.absent': 'the source is away for too long, and removes its replica when it is back',
  'target.unsettled': 'the target was not told to settle',
  'target.settling': 'the target is taking DRBD away',
  'target.settled': 'the target stands without DRBD',
  'target.plain': 'the target is a plain replica',
  'abort.requested': 'the move is not wanted any more, and the source has all data',
  'abort.record': 'the writer record still names the target',
  'abort.unsafe': 'the source does not show its copy whole, so the one of the target stays',
  'abort.unproven':
    'the source did not show its copy whole, tagged with the new epoch, since the record counts on it alone',
  'abort.target': 'the target has a replica without tombstone',
  'abort.source': 'the source was not told to release',
  'abort.waiting': 'source or target are cleaning up',
  'abort.settled': 'the source stands without DRBD',
  'abort.clean': 'nothing of the move is left',
} as const;

export interface LocalVolumeMigrateEvent {
  type: keyof typeof localVolumeMigrateEvents;
}

const ended = { 'volume.deleted': 'Aborted' } as const;
const abortable = { 'abort.*': 'ToBeAborted', ...ended } as const;

/**
 * Lifecycle of one LocalVolumeMigrate; the states are its `status.state` values, each saved before it is acted on. The
 * way back is open until the writer record names the target alone.
 */
export const localVolumeMigrateMachine = setup({
  types: observing<LocalVolumeMigrateEvent>(),
  actions: {
    seedSource: effect(),
    nameTarget: effect(),
    pairSource: effect(),
    createTarget: effect(),
    cutSource: effect(),
    handOver: effect(),
    saveConfig: effect(),
    deleteSource: effect(),
    settleTarget: effect(),
    dropPair: effect(),
    takeBack: effect(),
    deleteTarget: effect(),
    releaseSource: effect(),
  },
}).createMachine({
  id: 'LocalVolumeMigrate',
  initial: 'Submitted',
  states: {
    Submitted: { on: { 'target.chosen': 'Seeding', 'source.wrong': 'Aborted', ...abortable } },
    Seeding: {
      on: {
        'source.unseeded': { actions: 'seedSource' },
        'source.seeded': 'Paired',
        'seed.overdue': 'ToBeAborted',
        'pair.broken': 'ToBeAborted',
        ...abortable,
      },
    },
    Paired: {
      on: {
        'record.unmoved': { actions: 'nameTarget' },
        'source.unpaired': { actions: 'pairSource' },
        'target.missing': { actions: 'createTarget' },
        'pair.synced': 'Synced',
        'source.lost': 'Cutting',
        'pair.broken': 'ToBeAborted',
        ...abortable,
      },
    },
    Synced: {
      on: {
        'pair.synced': 'Cutting',
        'pair.syncing': 'Paired',
        'source.lost': 'Cutting',
        'pair.broken': 'ToBeAborted',
        ...abortable,
      },
    },
    Cutting: {
      on: {
        'source.uncut': { actions: 'cutSource' },
        'target.stale': 'Paired',
        'pair.broken': 'ToBeAborted',
        'source.cut': { actions: 'handOver' },
        'source.lost': { actions: 'handOver' },
        'record.handed': { actions: 'saveConfig' },
        'source.left': { actions: 'deleteSource' },
        'source.gone': 'Settling',
        'source.absent': 'Settling',
        ...abortable,
      },
    },
    Settling: {
      on: {
        'target.unsettled': { actions: 'settleTarget' },
        'target.settled': { actions: 'dropPair' },
        'target.plain': 'Completed',
        ...ended,
      },
    },
    Completed: {},
    ToBeAborted: {
      on: {
        'abort.record': { actions: 'takeBack' },
        'abort.target': { actions: 'deleteTarget' },
        'abort.source': { actions: 'releaseSource' },
        'abort.settled': { actions: 'dropPair' },
        'abort.clean': 'Aborted',
        'record.handed': 'Cutting',
        'source.lost': 'Cutting',
        ...ended,
      },
    },
    Aborted: {},
  },
});
