import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { builtin } from './builtin.ts';
import type { KubernetesObject } from './resource.ts';
import { Store } from './store.ts';

const at = (version: number, name = 'a'): KubernetesObject => ({ metadata: { name, resourceVersion: `${version}` } });

function storeOf(...objects: KubernetesObject[]) {
  const store = new Store(builtin.Node);
  for (const object of objects) store.put(object);
  const versions = () => store.list().map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);
  return { store, versions };
}

describe('the answer to a write of our own', () => {
  test('is seen at once, and the watch that follows tells nothing new', () => {
    const { store, versions } = storeOf(at(1));
    const told: string[] = [];
    store.onChange((key, _, after) => told.push(`${key}@${after?.metadata.resourceVersion}`));
    store.saw(at(5), { onlyIfKnown: false });
    store.put(at(5));
    expect(versions()).toEqual(['a@5']);
    expect(told).toEqual(['a@5']);
  });

  test('does not bring back what the watch has told to be gone', () => {
    const { store, versions } = storeOf(at(1));
    store.remove(at(6));
    store.saw(at(5), { onlyIfKnown: false });
    expect(versions()).toEqual([]);
  });

  test('that took the last finalizer off is no object any more', () => {
    const { store, versions } = storeOf(at(1));
    const gone = { metadata: { ...at(5).metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    store.saw(gone, { onlyIfKnown: false });
    store.remove(at(5));
    expect(versions()).toEqual([]);
  });

  test('enters a selection only where that holds the object already', () => {
    const { store, versions } = storeOf(at(1));
    store.saw(at(5), { onlyIfKnown: true });
    store.saw(at(6, 'b'), { onlyIfKnown: true });
    expect(versions()).toEqual(['a@5']);
  });
});

test('a list takes away what it lacks, except what is newer than the list', () => {
  const { store, versions } = storeOf(at(1), at(2, 'b'));
  store.saw(at(9, 'c'), { onlyIfKnown: false });
  store.replace([at(2, 'b')], '7');
  expect(versions()).toEqual(['b@2', 'c@9']);
});

test('objects are kept frozen, with their type and without managed fields', () => {
  const { store } = storeOf({
    metadata: { ...at(1).metadata, managedFields: [{ manager: 'm', operation: 'Update' }] },
  });
  const kept = store.get({ name: 'a' });
  expect(kept).toEqual({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a', resourceVersion: '1' } });
  expect(Object.isFrozen(kept?.metadata)).toBe(true);
});

const history = fc.array(fc.constantFrom('write', 'delete'), { minLength: 1, maxLength: 12 });

property.prop([history, fc.infiniteStream(fc.nat(3))])(
  'however late the answers come, the store ends as the server does',
  (steps, delays) => {
    const { store } = storeOf();
    const late: { due: number; answer: KubernetesObject }[] = [];
    let alive: KubernetesObject | undefined;
    for (const [index, step] of steps.entries()) {
      const now = at(index + 1);
      for (const { due, answer } of late) if (due === index) store.saw(answer, { onlyIfKnown: false });
      if (step === 'write') {
        alive = now;
        late.push({ due: index + delays.next().value!, answer: now });
        if (late.at(-1)!.due === index) store.saw(now, { onlyIfKnown: false });
        store.put(now);
      } else if (alive !== undefined) {
        alive = undefined;
        store.remove(now);
      }
    }
    for (const { due, answer } of late) if (due >= steps.length) store.saw(answer, { onlyIfKnown: false });
    expect(store.get({ name: 'a' })?.metadata).toEqual(alive?.metadata);
  },
);
