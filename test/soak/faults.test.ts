import { expect, test } from 'vitest';
import { faults } from './faults.ts';

test.each(['get', 'list', 'create', 'update', 'patch', 'delete'] as const)('every fifth %s meets a fault', (verb) => {
  const shares = faults.filter(({ verbs }) => verbs!.includes(verb)).map(({ share }) => share);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(0.2);
});
