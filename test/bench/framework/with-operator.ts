import { readFileSync } from 'node:fs';
import { controller, done, kubernetesClient, manager } from '@dot-kube/operator';
import type { Contender } from './contender.ts';
import { Sample, statusOf } from './sample.ts';

export const contender: Contender = async ({ api, by, concurrency, sees, wrote }, signal) => {
  const { server, caPath, token } = api;
  const client = kubernetesClient({ server, ca: readFileSync(caPath, 'utf8'), token }, { userAgent: by });
  const samples = controller({
    name: by,
    resource: Sample,
    concurrency,
    reconcile: async ({ object, status }) => {
      sees(object);
      if (object.status?.by === by) return done;
      await status.write(statusOf(object, by));
      wrote();
      return done;
    },
  });
  await manager({ client, controllers: [samples] }).run(signal);
  client.close();
};
