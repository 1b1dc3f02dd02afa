import { expect, test } from 'vitest';
import { act, decide, UnknownStateError } from './decide.ts';
import { localVolumeMachine } from './local-volume.machine.ts';

test('an empty saved state is the first state of the machine', () => {
  expect(decide(localVolumeMachine, '', { type: 'replicas.ready' })).toEqual({ state: 'Ready', effects: [] });
  expect(decide(localVolumeMachine, undefined, { type: 'replicas.ready' })).toEqual({ state: 'Ready', effects: [] });
});

test('an effect carries what its event found', () => {
  expect(decide(localVolumeMachine, 'Creating', { type: 'placement.found', nodes: ['node1'] })).toMatchObject({
    state: 'Creating',
    effects: [{ type: 'saveConfig', params: { nodes: ['node1'] } }],
  });
});

test('an event that a state says nothing of changes nothing', () => {
  expect(decide(localVolumeMachine, 'Ready', { type: 'placement.refused' })).toEqual({ state: 'Ready', effects: [] });
});

test('a saved state that the machine does not know stops everything and says so', () => {
  expect(() => decide(localVolumeMachine, 'Exploded', { type: 'replicas.ready' })).toThrow(UnknownStateError);
  expect(() => decide(localVolumeMachine, 'Exploded', { type: 'replicas.ready' })).toThrow(
    'LocalVolume has no state "Exploded"',
  );
});

test('effects are performed in order, and the first failure ends them', async () => {
  const done: string[] = [];
  const perform =
    (name: string, fails = false) =>
    () => {
      done.push(name);
      return fails ? Promise.reject(new Error('no')) : Promise.resolve();
    };
  const performers = {
    saveConfig: perform('saveConfig'),
    createReplicas: perform('createReplicas', true),
    createRecord: perform('createRecord'),
    closeRecord: perform('closeRecord'),
    deleteReplicas: perform('deleteReplicas'),
    forgetReplicas: perform('forgetReplicas'),
    deleteRecord: perform('deleteRecord'),
    removeObject: perform('removeObject'),
  };
  const effects = [
    { type: 'saveConfig' as const, params: { nodes: [] } },
    { type: 'createReplicas' as const, params: { nodes: [] } },
    { type: 'createRecord' as const, params: undefined },
  ];
  await expect(act<typeof localVolumeMachine>(effects, performers)).rejects.toThrow('no');
  expect(done).toEqual(['saveConfig', 'createReplicas']);
});
