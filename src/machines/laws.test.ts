import { describe, expect, test } from 'vitest';
import { getShortestPaths } from 'xstate/graph';
import { lifecycleRows } from './lifecycle-table.ts';
import { lifecycles } from './lifecycles.ts';

/** What deletion looks like to each machine that has one: the events it goes on by, and where it ends. */
const deletions: Record<string, { events: string[]; end: string; startsAtEnd?: string[] }> = {
  LocalDiskClaim: { events: ['delete.requested', 'delete.released'], end: 'Deleted' },
  LocalVolume: { events: ['delete.requested', 'delete.clean'], end: 'Deleted' },
  LocalVolumeReplica: { events: ['delete.unmarked', 'delete.clean'], end: 'Deleted' },
  Leg: { events: ['release.resource.up', 'release.clean'], end: 'Released' },
  LocalVolumeMigrate: { events: ['volume.deleted'], end: 'Aborted', startsAtEnd: ['Completed'] },
};

describe.each(lifecycles)('$name', (lifecycle) => {
  const { machine, events } = lifecycle;
  const rows = lifecycleRows(lifecycle);
  const states = Object.keys(machine.states);

  test('either moves the state or asks for effects, never both', () => {
    expect(rows.filter(({ state, next, effects }) => state !== next && effects.length > 0)).toEqual([]);
  });

  test('starts nothing on entry, exit, by itself or by the clock', () => {
    const restless = states.filter((state) => {
      const node = machine.states[state];
      return (
        node === undefined ||
        node.entry.length > 0 ||
        node.exit.length > 0 ||
        node.invoke.length > 0 ||
        node.after.length > 0 ||
        (node.always ?? []).length > 0
      );
    });
    expect(restless).toEqual([]);
  });

  test('asks for at most one effect at a time', () => {
    expect(rows.filter(({ effects }) => effects.length > 1)).toEqual([]);
  });

  test('can reach every state', () => {
    const paths = getShortestPaths(machine, { events: Object.keys(events).map((type) => ({ type })) });
    expect([...new Set(paths.map(({ state }) => String(state.value)))].sort()).toEqual([...states].sort());
  });

  test('handles no event that it does not explain', () => {
    const known = Object.keys(events);
    const handled = [...new Set(machine.events)].filter((descriptor) => !descriptor.endsWith('*'));
    expect(handled.filter((event) => !known.includes(event))).toEqual([]);
  });
});

test.each(lifecycles.filter(({ machine }) => machine.id in deletions))(
  '$name reaches its end by deletion from every state',
  (lifecycle) => {
    const rows = lifecycleRows(lifecycle);
    const { events = [], end, startsAtEnd = [] } = deletions[lifecycle.machine.id] ?? {};
    const step = (state: string, event: string | undefined): string =>
      rows.find((row) => row.state === state && row.event === event)?.next ?? state;
    for (const start of Object.keys(lifecycle.machine.states)) {
      if (startsAtEnd.includes(start)) continue;
      // The last event may be needed twice: once to begin, once to end.
      expect([...events, events.at(-1)].reduce(step, start), `deleted in ${start}`).toBe(end);
    }
  },
);

test('a logical volume is made while its replica is being created, and never again', () => {
  expect(askingFor('LocalVolumeReplica', 'createLogicalVolume')).toEqual(['Creating']);
});

test('no replica leads back to Creating once it may hold data', () => {
  expect(leadingTo('LocalVolumeReplica', 'Creating')).toEqual(['Invalid']);
});

test('replica objects are made while their volume is being created, and never again', () => {
  expect(askingFor('LocalVolume', 'createReplicas')).toEqual(['Creating']);
  expect(leadingTo('LocalVolume', 'Creating')).toEqual([]);
});

test('a side is promoted by force in its saved step Seeding alone, which nothing leads back to', () => {
  expect(askingFor('Leg', 'promoteByForce')).toEqual(['Seeding']);
  expect(leadingTo('Leg', 'Seeding')).toEqual(['Absent']);
});

test('a disk is taken back and volumes are refreshed in a pool that is Degraded alone, and a disk grows in none such', () => {
  expect(askingFor('Pool', 'restoreDisk')).toEqual(['Degraded']);
  expect(askingFor('Pool', 'refreshVolumes')).toEqual(['Degraded']);
  expect(askingFor('Pool', 'growDisk')).toEqual(['Healthy']);
  expect(askingFor('Pool', 'mark')).toEqual(['Found']);
});

test('DRBD metadata are made before a side was ever paired, and never again', () => {
  expect(askingFor('Leg', 'makeMetadata')).toEqual(['Seeding', 'Joining']);
  expect(leadingTo('Leg', 'Joining')).toEqual(['Absent']);
  expect(leadingTo('Leg', 'Absent')).toEqual([]);
});

test('the source’s copy is deleted after the volume was handed over, and the target’s when it was not', () => {
  expect(askingFor('LocalVolumeMigrate', 'deleteSource')).toEqual(['Cutting']);
  expect(askingFor('LocalVolumeMigrate', 'deleteTarget')).toEqual(['ToBeAborted']);
  expect(leadingTo('LocalVolumeMigrate', 'ToBeAborted')).not.toContain('Settling');
});

test('a disk is wiped for a claim that chose it and took it, and at no other time', () => {
  expect(askingFor('LocalDiskClaim', 'wipeDisks')).toEqual(['Extending']);
  expect(leadingTo('LocalDiskClaim', 'Extending')).toEqual(['Bound']);
  expect(leadingTo('LocalDiskClaim', 'Bound')).toEqual(['Pending']);
});

function rowsOf(id: string) {
  return lifecycles.filter(({ machine }) => machine.id === id).flatMap((lifecycle) => lifecycleRows(lifecycle));
}

function askingFor(id: string, effect: string): string[] {
  return [...new Set(rowsOf(id).flatMap(({ state, effects }) => (effects.includes(effect) ? [state] : [])))];
}

function leadingTo(id: string, target: string): string[] {
  return [...new Set(rowsOf(id).flatMap(({ state, next }) => (next === target && state !== target ? [state] : [])))];
}
