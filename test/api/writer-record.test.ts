import { beforeAll, describe, expect, test } from 'vitest';
import { builtin } from '@dot-kube/operator';
import { LocalVolumeWriter, type LocalVolumeWriterSpec } from '../../src/api/local-volume-writer.schema.ts';
import { admin, serviceAccount, type User } from './harness/client.ts';
import { install, kubectl } from './harness/install.ts';
import { writerRecord } from './harness/objects.ts';

/** The users of a case: agents with tokens bound to their nodes, one with a token bound to none, the controller, a person. */
type Who = 'node1' | 'node2' | 'node3' | 'unbound' | 'controller' | 'person';
const users = {} as Record<Who, User>;

beforeAll(async () => {
  await install();
  for (const name of ['node1', 'node2', 'node3'] as const) {
    await admin().create(builtin.Node, { apiVersion: 'v1', kind: 'Node', metadata: { name } });
    const { uid } = (await admin().get(builtin.Node, name)).object.metadata;
    users[name] = await serviceAccount('hwameistor-local-storage', { name, uid });
  }
  users.unbound = await serviceAccount('hwameistor-local-storage');
  users.controller = await serviceAccount('hwameistor-local-storage-csi-controller');
  users.person = admin();
});

const member = (node: string) => ({ node, vgUUID: `group-of-${node}` });
const free = { epoch: 5, inSync: [member('node1'), member('node2')] };
const taken = { ...free, ...member('node1') };
const moving = { epoch: 5, inSync: [member('node1')], moveTo: member('node3') };

type Case = {
  name: string;
  record: Partial<LocalVolumeWriterSpec>;
  by: Who;
  change: (spec: LocalVolumeWriterSpec) => void;
};

const take = (node: string) => (spec: LocalVolumeWriterSpec) => Object.assign(spec, member(node));
const giveUp = (spec: LocalVolumeWriterSpec) => {
  delete spec.node;
  delete spec.vgUUID;
};
const add = (node: string) => (spec: LocalVolumeWriterSpec) => {
  spec.inSync.push(member(node));
};
const remove = (node: string) => (spec: LocalVolumeWriterSpec) => {
  spec.inSync = spec.inSync.filter((entry) => entry.node !== node);
};

let records = 0;

/** Makes the record as the controller, then tries the change. */
async function attempt({ record, by, change }: Case) {
  const name = `record-${++records}`;
  const made = await users.controller.create(LocalVolumeWriter, writerRecord(name, record));
  expect(made).toMatchObject({ status: 201 });
  const answer = await users[by].change(LocalVolumeWriter, name, ({ spec }) => change(spec));
  return { answer, before: made.object.spec, after: (await admin().get(LocalVolumeWriter, name)).object.spec };
}

describe('the writer record accepts', () => {
  test.each<Case>([
    { name: 'a copy in sync taking a free record', record: free, by: 'node1', change: take('node1') },
    {
      name: 'a copy in sync taking a free record with the next epoch',
      record: free,
      by: 'node1',
      change: (spec) => Object.assign(spec, member('node1'), { epoch: 6 }),
    },
    { name: 'the target of a move taking a free record', record: moving, by: 'node3', change: take('node3') },
    { name: 'the writer giving its own up', record: taken, by: 'node1', change: giveUp },
    { name: 'a copy taking itself out of inSync', record: taken, by: 'node2', change: remove('node2') },
    {
      name: 'the writer going on alone after it lost its peer',
      record: taken,
      by: 'node1',
      change: (spec) => Object.assign(spec, { inSync: [member('node1')], epoch: 6 }),
    },
    {
      name: 'the writer adding a copy that it saw up to date',
      record: { ...taken, inSync: [member('node1')] },
      by: 'node1',
      change: add('node2'),
    },
    {
      name: 'the source of a move adding its target while nobody writes',
      record: moving,
      by: 'node1',
      change: add('node3'),
    },
    {
      name: 'the controller handing the volume over to the target',
      record: { ...moving, inSync: [member('node1'), member('node3')] },
      by: 'controller',
      change: (spec) => {
        spec.inSync = [member('node3')];
        spec.epoch = 6;
        delete spec.moveTo;
      },
    },
    {
      name: 'the controller ordering its deletion',
      record: free,
      by: 'controller',
      change: (spec) => (spec.delete = true),
    },
  ])('$name', async (row) => {
    const { answer, before, after } = await attempt(row);
    expect(answer).toMatchObject({ status: 200 });
    row.change(before);
    expect(after).toEqual(before);
  });
});

describe('the writer record refuses', () => {
  test.each<Case & { why: string }>([
    { name: 'a node without a copy', record: free, by: 'node3', change: take('node3'), why: 'spec.node' },
    { name: 'an agent entering another node', record: free, by: 'node2', change: take('node1'), why: 'spec.node' },
    {
      name: 'a node of the right name with another volume group',
      record: free,
      by: 'node1',
      change: (spec) => Object.assign(spec, { node: 'node1', vgUUID: 'group-made-anew' }),
      why: 'vgUUID',
    },
    { name: 'stealing', record: taken, by: 'node2', change: take('node2'), why: 'held by node1' },
    { name: "giving another's up", record: taken, by: 'node2', change: giveUp, why: 'held by node1' },
    {
      name: 'taking a record whose volume is being deleted',
      record: { ...free, delete: true },
      by: 'node1',
      change: take('node1'),
      why: 'being deleted',
    },
    {
      name: 'giving up in the middle of a move',
      record: { ...moving, ...member('node3') },
      by: 'node3',
      change: giveUp,
      why: 'spec.moveTo',
    },
    { name: 'a copy taking out another', record: taken, by: 'node2', change: remove('node1'), why: 'spec.inSync' },
    {
      name: 'a copy adding another to a taken record',
      record: taken,
      by: 'node2',
      change: add('node3'),
      why: 'spec.inSync',
    },
    { name: 'a node adding itself', record: free, by: 'node3', change: add('node3'), why: 'spec.inSync' },
    {
      name: 'the target of a move adding itself while nobody writes',
      record: moving,
      by: 'node3',
      change: add('node3'),
      why: 'spec.inSync',
    },
    {
      name: 'the last copy taking itself out',
      record: { ...free, inSync: [member('node1')] },
      by: 'node1',
      change: remove('node1'),
      why: 'the last copy',
    },
    {
      name: 'an agent setting the target of a move',
      record: taken,
      by: 'node1',
      change: (spec) => (spec.moveTo = member('node3')),
      why: 'spec.moveTo',
    },
    {
      name: 'an agent ordering the deletion',
      record: taken,
      by: 'node1',
      change: (spec) => (spec.delete = true),
      why: 'spec.delete',
    },
    {
      name: 'an agent raising the epoch of a record that is not its own',
      record: taken,
      by: 'node2',
      change: (spec) => (spec.epoch = 6),
      why: 'spec.epoch',
    },
    {
      name: 'an agent skipping an epoch',
      record: taken,
      by: 'node1',
      change: (spec) => (spec.epoch = 7),
      why: 'spec.epoch',
    },
    {
      name: 'the controller lowering the epoch',
      record: taken,
      by: 'controller',
      change: (spec) => (spec.epoch = 4),
      why: 'epoch never falls',
    },
    { name: 'a token that is bound to no node', record: free, by: 'unbound', change: take('node1'), why: 'no node' },
    { name: 'a person editing it', record: free, by: 'person', change: take('node1'), why: 'the controller' },
  ])('$name', async (row) => {
    const { answer, before, after } = await attempt(row);
    expect([403, 422]).toContain(answer.status);
    expect(answer.object.message).toContain(row.why);
    expect(after).toEqual(before);
  });

  test('any maker but the controller', async () => {
    for (const by of ['node1', 'person'] as const) {
      const answer = await users[by].create(LocalVolumeWriter, writerRecord(`made-by-${by}`));
      expect(answer.status).toBe(403);
    }
  });

  test('any deleter but the controller, tombstone or not, and one who released it', async () => {
    await users.controller.create(LocalVolumeWriter, writerRecord('doomed', { delete: true }));
    for (const by of ['node1', 'person'] as const) {
      expect((await users[by].delete(LocalVolumeWriter, 'doomed')).status).toBe(403);
    }
    expect((await users.controller.delete(LocalVolumeWriter, 'doomed')).status).toBe(200);

    await users.controller.create(LocalVolumeWriter, writerRecord('given-up'));
    await kubectl('annotate', 'lvw', 'given-up', 'hwameistor.io/release=given-up');
    expect((await users.node1.delete(LocalVolumeWriter, 'given-up')).status).toBe(403);
    expect((await users.person.delete(LocalVolumeWriter, 'given-up')).status).toBe(200);
  });

  test('a second write from the same read', async () => {
    await users.controller.create(LocalVolumeWriter, writerRecord('raced', free));
    const late = await users.node2.change(LocalVolumeWriter, 'raced', () => undefined);
    expect(late.status).toBe(200);
    await users.node1.change(LocalVolumeWriter, 'raced', ({ spec }) => take('node1')(spec));
    const answer = await users.node2.change(LocalVolumeWriter, 'raced', (record) => {
      record.metadata.resourceVersion = late.object.metadata.resourceVersion;
      Object.assign(record.spec, late.object.spec);
      giveUp(record.spec);
      take('node2')(record.spec);
    });
    expect(answer.status).toBe(409);
  });
});

test('a person may label and annotate a writer record', async () => {
  await users.controller.create(LocalVolumeWriter, writerRecord('labelled', free));
  const answer = await users.person.change(LocalVolumeWriter, 'labelled', ({ metadata }) => {
    metadata.labels = { team: 'databases' };
  });
  expect(answer.status).toBe(200);
});
