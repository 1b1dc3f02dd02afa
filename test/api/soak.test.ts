import { expect, test } from 'vitest';
import { tellSoak } from '../soak/report.ts';
import { soak } from '../soak/soak.ts';

/** How long it may take to come to rest hangs on the machine. */
const timeout = 1_200_000;

test(
  'through a minute of faults, lost leaders and servers that go away, operators do all that is wanted',
  { timeout },
  async () => {
    const report = await soak({ minutes: 1, seed: 1, say: (line) => console.log(`soak: ${line}`) });
    console.log(tellSoak(report));
    expect(report.complaints).toEqual([]);
    expect(report.handOvers).toBeGreaterThan(0);
  },
);
