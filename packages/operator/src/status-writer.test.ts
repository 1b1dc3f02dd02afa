import { expect, test } from 'vitest';
import type { Client } from './client.ts';
import type { KubernetesObject, Resource } from './resource.ts';
import { statusWriter } from './status-writer.ts';

interface Item {
  readonly type: string;
  readonly at?: string;
  readonly told?: string;
}
type Rack = KubernetesObject & { status?: { items: readonly Item[] } };

const rack: Rack = { metadata: { name: 'rack', uid: 'u' } };

/** Applies one status after the other. @returns how many calls that took */
async function callsFor(...said: readonly (readonly Item[])[]): Promise<number> {
  let calls = 0;
  const applies = {
    applyStatus: async (_resource: unknown, object: Rack) => {
      calls += 1;
      return { ...object, metadata: rack.metadata };
    },
  } as unknown as Client;
  const writer = statusWriter({ writes: applies, applies }, {} as Resource<Rack>, rack, 'test', new Map());
  for (const items of said) await writer.apply({ items: [...items] });
  return calls;
}

test.each([
  ['types of their own', [{ type: 'Ready' }, { type: 'Synced' }]],
  [
    'one type',
    [
      { type: 'HDD', at: 'sdb' },
      { type: 'HDD', at: 'sdc' },
    ],
  ],
])('a list of items of %s is not applied again while nothing differs', async (_what, items) => {
  expect(await callsFor(items, items)).toBe(1);
});

test('of items of one type the second is looked at as well', async () => {
  const [first, second] = [
    { type: 'HDD', at: 'sdb' },
    { type: 'HDD', at: 'sdc' },
  ];
  expect(await callsFor([first, second], [first, { ...second, told: 'gone' }])).toBe(2);
});
