import { expect, test } from 'vitest';
import type { End } from './kept-process.ts';
import { reportOf, tellSoak } from './report.ts';

const process = (restarts: Partial<Record<End, number>>, crashes: string[] = []) => ({
  passes: () => 10,
  restarts: () => ({ 'lost its lease': 0, 'was killed': 0, 'was stopped': 1, crashed: 0, ...restarts }),
  crashes: () => crashes,
});

const observed = {
  seed: 7,
  minutes: 1,
  boxes: 2,
  changes: { changed: 1, replaced: 0, failed: 0 },
  tally: { calls: { get: 60, create: 40 }, faults: { conflict: 15, latency: 5 }, connections: 3 },
  processes: [process({ 'was killed': 2 }), process({})],
  handOvers: 1,
  heap: { atOneFifthBytes: 1000, atEndBytes: 1000 },
  convergedMs: 1500,
  complaints: [],
};

test('shares are of all calls, and passes and restarts of all processes', () => {
  expect(reportOf(observed)).toMatchObject({
    shareWithFault: 0.2,
    shareFailed: 0.15,
    passes: 20,
    restarts: { 'lost its lease': 0, 'was killed': 2, 'was stopped': 2, crashed: 0 },
    secondsToConverge: 1.5,
    complaints: [],
  });
  expect(tellSoak(reportOf(observed))).toContain('All came out as wanted.');
});

test('what went wrong is told with the seed, and a process that crashed is among it', () => {
  const processes = [process({ crashed: 1 }, ['steady-1 ended with exit code 1'])];
  const told = tellSoak(reportOf({ ...observed, processes, complaints: ['Box a is missing'] }));
  const [, failure] = told.split('\n\n');
  expect(failure).toBe(
    'With seed 7 this did not come out as wanted:\nBox a is missing\nsteady-1 ended with exit code 1',
  );
});
