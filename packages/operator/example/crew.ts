// Keeps as many ConfigMaps as a Crew wants.
import * as operator from '@dot-kube/operator';
import { builtin, controller, customResource, done, gone, ownedBy, ownerReference } from '@dot-kube/operator';
import { kubeconfig } from '@dot-kube/operator/kubeconfig';
import * as z from 'zod';

const Crew = customResource({
  group: 'example.io',
  version: 'v1',
  kind: 'Crew',
  plural: 'crews',
  scope: 'Namespaced',
  spec: z.object({ size: z.int().min(0).max(10).describe('How many members it is to have.') }),
  status: z.object({ members: z.int().describe('How many it has.') }),
  columns: [
    { name: 'wanted', type: 'integer', jsonPath: '.spec.size' },
    { name: 'members', type: 'integer', jsonPath: '.status.members' },
  ],
});

const crews = controller({
  name: 'crew',
  resource: Crew,
  owns: [builtin.ConfigMap],
  finalizer: {
    name: 'example.io/crew',
    cleanUp: async ({ events }) => {
      events.emit({ type: 'Normal', reason: 'Disbanded', message: 'The garbage collector takes its members along.' });
      return gone;
    },
  },
  reconcile: async ({ object: crew, name, namespace, cache, client, status, events }) => {
    const members = cache.list(builtin.ConfigMap, ownedBy(crew));
    await status.write({ members: members.length });

    const wanted = Array.from({ length: crew.spec.size }, (_, place) => `${name}-${place}`);
    const lacking = wanted.filter((one) => !members.some(({ metadata }) => metadata.name === one));
    const surplus = members.filter(({ metadata }) => !wanted.includes(metadata.name));
    for (const one of lacking) {
      const metadata = { name: one, namespace: namespace!, ownerReferences: [ownerReference(crew)] };
      const made = await operator.createOnce(client, builtin.ConfigMap, { metadata, data: { crew: name } });
      if (made === undefined) events.emit({ type: 'Warning', reason: 'NameTaken', message: `${one} is not ours.` });
    }
    for (const { metadata } of surplus)
      await client.delete(builtin.ConfigMap, metadata.name, { namespace: namespace! });
    return done;
  },
});

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const client = operator.kubernetesClient(await kubeconfig());
await client.apply(builtin.CustomResourceDefinition, operator.crdOf(Crew), { fieldManager: 'crew', force: true });
const leaderElection = { namespace: 'default', name: 'crew' };
await operator.manager({ client, controllers: [crews], leaderElection }).run(stop.signal);
client.close();
