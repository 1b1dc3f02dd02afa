import { expect, test } from 'vitest';
import { decide, UnknownStateError } from './decide.ts';
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
