import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import type { LocalDiskClaim } from '../../../api/local-disk-claim.schema.ts';
import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import { message as messageSchema } from '../../../api/fields.ts';
import { explainDisks } from './claim-words.ts';

const claim: LocalDiskClaim = { metadata: { name: 'claim' }, spec: { nodeName: 'node1' } };
const disk = (name: string, devicePath: string): LocalDisk => ({
  metadata: { name },
  spec: { nodeName: 'node1', devicePath, devLinks: [] },
});

test('each disk is told on a line of its own, by its place and by its name', () => {
  const refusals = [
    { disk: '/dev/sdz', reason: 'is not a disk of node node1' },
    { disk: 'localdisk-1', reason: 'is reserved' },
  ];
  expect(explainDisks(claim, [disk('localdisk-1', '/dev/sdb')], refusals)).toBe(
    'No disk of node node1 fits this claim.\n/dev/sdz is not a disk of node node1\n/dev/sdb: localdisk-1 is reserved',
  );
});

test('a node whose disks nobody saw yet is told as such', () => {
  expect(explainDisks(claim, [], [])).toContain('No disk of node node1 is known yet');
});

property.prop([fc.array(fc.string({ maxLength: 600 }), { minLength: 1, maxLength: 300 })])(
  'however many disks there are and whatever is said of them, each is told or counted, and the message fits its field',
  (reasons) => {
    const refusals = reasons.map((reason, index) => ({
      disk: `localdisk-${index}`,
      reason: reason.replaceAll('\n', ' '),
    }));
    const told = explainDisks(claim, [], refusals);
    expect(messageSchema().safeParse(told).success).toBe(true);
    const lines = told.split('\n').slice(1);
    const more = /^And (\d+) more: /.exec(lines.at(-1) ?? '')?.[1];
    const shown = more === undefined ? lines : lines.slice(0, -1);
    expect(shown).toEqual(refusals.slice(0, shown.length).map(({ disk, reason }) => `${disk} ${reason}`));
    expect(shown.length + Number(more ?? 0)).toBe(refusals.length);
  },
);
