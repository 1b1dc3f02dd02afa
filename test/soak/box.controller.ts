import {
  type Cache,
  type Client,
  type Controller,
  controller,
  createOnce,
  done,
  gone,
  index,
  ownerReference,
} from '@dot-kube/operator';
import type { Box, Kinds, Part } from './kinds.ts';

const finalizer = 'soak.example.io/parts';

/** A resync would mend what the watches missed, and hide it: a day is longer than any soak. */
const resyncMs = 86_400_000;

/** With every fifth call failing, passes fail in a row by mere chance; waits are kept short beside a soak. */
const backoff = { baseMs: 200, maxMs: 10_000 };

/**
 * Makes, changes and removes the parts of each box.
 * @param began told of each pass, with the caches as it sees them
 */
export function boxController({ Box, Part }: Kinds, began: (cache: Cache) => void): Controller {
  const byBox = index(Part, (part) => [part.spec.boxName]);
  const remove = async (client: Client, some: readonly Readonly<Part>[]) => {
    for (const { metadata } of some) await client.delete(Part, metadata.name, deleteOptions(metadata));
  };
  return controller({
    name: 'box',
    resource: Box,
    owns: [Part],
    concurrency: 8,
    resyncMs,
    backoff,
    finalizer: {
      name: finalizer,
      async cleanUp({ name, cache, client, events }) {
        began(cache);
        const parts = cache.list(Part, byBox(name));
        await remove(client, parts);
        if (parts.length > 0) return done; // the watch tells when they are gone
        events.emit({ type: 'Normal', reason: 'Emptied', message: 'All parts are gone.' });
        return gone;
      },
    },
    async reconcile({ object: box, cache, client, status }) {
      began(cache);
      const { metadata, spec } = box;
      const parts = cache.list(Part, byBox(metadata.name));
      const wanted = Array.from({ length: spec.parts }, (_, n) => partOf(box, n));
      const found = new Map(parts.filter(belongsTo(box)).map((part) => [part.metadata.name, part]));
      const sound = wanted.filter(({ metadata, spec }) => found.get(metadata.name)?.spec.colour === spec.colour);
      await status.write({ observedGeneration: metadata.generation!, parts: sound.length });

      const names = new Set(wanted.map(({ metadata }) => metadata.name));
      await remove(
        client,
        parts.filter((part) => !names.has(part.metadata.name) || !belongsTo(box)(part)),
      );
      for (const part of wanted) {
        const there = found.get(part.metadata.name);
        if (there === undefined) await createOnce(client, Part, part);
        else if (there.spec.colour !== part.spec.colour) await client.update(Part, { ...there, spec: part.spec });
      }
      return done; // what was changed is told by the watch
    },
    async absent({ name, cache, client }) {
      began(cache);
      await remove(client, cache.list(Part, byBox(name)));
      return done;
    },
  });
}

function deleteOptions({ namespace, uid }: Part['metadata']) {
  return { namespace: namespace!, uid: uid! };
}

/** A part made for a box that was deleted since, and made anew under its name, belongs to nobody. */
const belongsTo = (box: Readonly<Box>) => (part: Readonly<Part>) =>
  part.metadata.ownerReferences?.some(({ uid }) => uid === box.metadata.uid) === true;

function partOf(box: Readonly<Box>, index: number): Part {
  const { name, namespace } = box.metadata;
  return {
    metadata: { name: `${name}-${index}`, namespace: namespace!, ownerReferences: [ownerReference(box)] },
    spec: { boxName: name, index, colour: box.spec.colour },
  };
}
