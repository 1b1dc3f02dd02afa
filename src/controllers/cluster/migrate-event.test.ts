import { expect, test } from 'vitest';
import { migrateEvent } from './migrate-event.ts';
import type { MigrateFacts, SideView } from './migrate-facts.ts';

const side = (more: Partial<SideView> = {}): SideView => ({
  deleted: false,
  state: 'Ready',
  asked: { moveId: 'move', phase: 'Pair' },
  seen: { state: 'Synced', connection: 'Connected', disk: 'UpToDate', peerDisk: 'UpToDate', epoch: 1 },
  ...more,
});

/** A pair that is in sync, and recorded so. */
const paired: MigrateFacts = {
  moveId: 'move',
  source: 'a',
  target: 'b',
  volume: { deleted: false, ready: true, nodes: ['a'] },
  record: { writer: undefined, epoch: 1, inSync: ['a', 'b'], moveTo: 'b' },
  sourceSide: side(),
  targetSide: side(),
  targetIsUnfit: false,
  seedIsOverdue: false,
  sourceIsLost: false,
  sourceIsAway: false,
  targetIsAway: false,
  isBlocked: false,
  abort: false,
  hasCandidate: false,
};
const event = (state: string, more: Partial<MigrateFacts>) => migrateEvent(state, { ...paired, ...more }).type;
const record = (more: Partial<NonNullable<MigrateFacts['record']>>) => ({
  record: { writer: undefined, epoch: 1, inSync: ['a', 'b'], moveTo: 'b', ...more },
});

test('a target that the record counts on is not made anew when its replica is gone', () => {
  expect(event('Paired', { targetSide: undefined })).toBe('pair.broken');
  expect(event('Paired', { targetSide: undefined, ...record({ inSync: ['a'] }) })).toBe('target.missing');
});

test('a volume is handed over only to a target that is in sync', () => {
  const cut = {
    sourceSide: side({ asked: { moveId: 'move', phase: 'Cut' }, seen: { state: 'Down' } }),
    targetSide: side({ seen: { state: 'Paired', connection: 'Connecting', disk: 'UpToDate', epoch: 1 } }),
  };
  expect(event('Cutting', cut)).toBe('source.cut');
  expect(event('Cutting', { ...cut, ...record({ inSync: ['a'] }) })).toBe('target.stale');
});

const handed = {
  volume: { deleted: false, ready: true, nodes: ['b'] },
  ...record({ epoch: 2, inSync: ['b'] }),
  sourceSide: side({ asked: { moveId: 'move', phase: 'Cut' }, seen: { state: 'Down' } }),
};
const after = (more: Partial<SideView>) => event('Cutting', { ...handed, targetSide: side(more) });

test('the source goes only after the target was seen whole since the record names it alone', () => {
  const whole = { state: 'Paired', connection: 'Connecting', disk: 'UpToDate', epoch: 2 };
  expect(after({ seen: whole })).toBe('source.left');
  expect(after({ seen: { ...whole, epoch: 1 } })).toBe('target.unproven');
  expect(after({ seen: { ...whole, disk: 'Inconsistent' } })).toBe('target.unproven');
  expect(after({ state: 'NotReady', seen: whole })).toBe('target.unproven');
  expect(event('Cutting', { ...handed, targetSide: undefined })).toBe('target.unproven');
  expect(event('Cutting', { ...handed, targetSide: side({ seen: whole }), targetIsAway: true })).toBe(
    'target.unproven',
  );
});

test('a lost source is left behind only for a target that is whole and counted on, while nobody writes', () => {
  const lost = {
    sourceIsLost: true,
    sourceIsAway: true,
    targetSide: side({ seen: { state: 'Paired', disk: 'UpToDate', epoch: 1 } }),
  };
  for (const state of ['Paired', 'Synced', 'Cutting', 'ToBeAborted']) {
    expect(event(state, lost)).toBe('source.lost');
    const kept: Partial<MigrateFacts>[] = [
      { sourceIsLost: false },
      { targetIsAway: true },
      record({ writer: 'a' }),
      record({ inSync: ['a'] }),
      record({ epoch: 2 }),
      { record: undefined },
      { targetSide: undefined },
      { targetSide: side({ state: 'NotReady' }) },
      { targetSide: side({ seen: { state: 'Paired', disk: 'Inconsistent', epoch: 1 } }) },
    ];
    for (const facts of kept) expect(event(state, { ...lost, ...facts })).not.toBe('source.lost');
  }
});

test('a lost source that has its orders is not waited for', () => {
  const leaving = side({ deleted: true, asked: { moveId: 'move', phase: 'Leave' }, seen: { state: 'Down' } });
  const whole = { targetSide: side({ seen: { state: 'Paired', disk: 'UpToDate', epoch: 2 } }) };
  expect(event('Cutting', { ...handed, ...whole, sourceSide: leaving })).toBe('source.leaving');
  expect(event('Cutting', { ...handed, ...whole, sourceSide: leaving, sourceIsLost: true })).toBe('source.absent');
});

test('an abort that comes after the hand-over goes on instead', () => {
  expect(event('ToBeAborted', handed)).toBe('record.handed');
});

test('an abort leaves the target’s copy alone as long as the source does not show its own whole', () => {
  expect(event('ToBeAborted', {})).toBe('abort.record');
  for (const source of [undefined, side({ state: 'Lost' }), side({ state: 'NotReady' })])
    expect(event('ToBeAborted', { sourceSide: source })).toBe('abort.unsafe');
  expect(event('ToBeAborted', { sourceIsAway: true })).toBe('abort.unsafe');
  const diskless = side({ seen: { state: 'Paired', connection: 'Connected', disk: 'Diskless', epoch: 1 } });
  expect(event('ToBeAborted', { sourceSide: diskless })).toBe('abort.unsafe');
  const takenBack = record({ epoch: 2, inSync: ['a'], moveTo: undefined });
  expect(event('ToBeAborted', { ...takenBack, sourceIsAway: true })).toBe('abort.unsafe');
});

test('an abort deletes the target’s copy after the source was seen whole since the record counts on it alone', () => {
  const takenBack = record({ epoch: 2, inSync: ['a'], moveTo: undefined });
  const released = (epoch: number) =>
    side({ asked: { moveId: 'move', phase: 'Release' }, seen: { state: 'Releasing', epoch } });
  expect(event('ToBeAborted', takenBack)).toBe('abort.source');
  expect(event('ToBeAborted', { ...takenBack, sourceSide: released(1) })).toBe('abort.unproven');
  expect(event('ToBeAborted', { ...takenBack, sourceSide: released(2) })).toBe('abort.target');
  // A target that the record never counted on was never promised anything.
  expect(event('ToBeAborted', record({ inSync: ['a'], moveTo: undefined }))).toBe('abort.target');
});
