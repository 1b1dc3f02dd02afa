import { expect, test } from 'vitest';
import type { LocalVolumeMigrate, LocalVolumeMigrateState } from '../../api/local-volume-migrate.schema.ts';
import type { LocalVolume } from '../../api/local-volume.schema.ts';
import { drainPlan } from './drain-plan.ts';

// The casts: of both kinds a plan looks at nothing else than what is given here.
const volumeOn = (hostname: string): LocalVolume =>
  ({
    metadata: { name: 'vol' },
    spec: { delete: false, config: { replicas: [{ id: 0, hostname, ip: '', primary: true }] } },
  }) as unknown as LocalVolume;

const move = (sourceNode: string, targetNode: string, state: LocalVolumeMigrateState): LocalVolumeMigrate =>
  ({
    metadata: { name: 'evictor-vol' },
    spec: { volumeName: 'vol', sourceNode },
    status: { state, targetNode },
  }) as unknown as LocalVolumeMigrate;

const plan = (node: string, migrates: LocalVolumeMigrate[]) =>
  drainPlan({
    node,
    sinceMs: 0,
    volumes: [volumeOn(node)],
    replicas: [],
    migrates,
    onDisk: ['vol'],
    followings: new Map(),
    nowMs: 0,
  });

test('a volume of a drained node that has no move needs one', () => {
  expect(plan('node2', [])).toMatchObject({ unmoved: ['vol'], entries: [{ volume: 'vol', state: 'Waiting' }] });
});

test('the move that brought a volume here has to end before the next one, and the plan says so', () => {
  const { unmoved, entries, isLeft } = plan('node2', [move('node1', 'node2', 'Settling')]);
  expect(unmoved).toEqual([]);
  expect(entries).toMatchObject([{ volume: 'vol', from: 'node2', state: 'Blocked' }]);
  expect(entries[0]?.blocker).toContain('MoveNotEnded');
  expect(entries[0]?.blocker).toContain('evictor-vol');
  expect(isLeft).toBe(true);
});

test('one that has ended is in nobody’s way', () => {
  expect(plan('node2', [move('node1', 'node2', 'Completed')]).unmoved).toEqual(['vol']);
});
