import { builtin } from '../../builtin.ts';
import { controller, watch, type Controller } from '../../controller.ts';
import { done } from '../../result.ts';
import { caBundleIn, selectSecret, type SecretKey } from './certificate-secret.ts';
import { trusts, type Configuration } from './configurations.ts';

/** Keeps the `caBundle` of all webhooks of one configuration equal to the authorities in our Secret. */
export function caBundleController({ resource, name }: Configuration, secret: SecretKey): Controller {
  return controller({
    name: 'webhook-ca-bundle',
    resource,
    select: { fieldSelector: `metadata.name=${name}` },
    watches: [watch(builtin.Secret, () => [name], selectSecret(secret))],
    reconcile: async ({ object, cache, client, log }) => {
      const caBundle = caBundleIn(cache.get(builtin.Secret, secret.name, secret.namespace));
      if (caBundle === undefined || trusts(object, caBundle)) return done;
      const webhooks = object.webhooks?.map((webhook) => ({
        ...webhook,
        clientConfig: { ...webhook.clientConfig, caBundle },
      }));
      await client.update(resource, { ...object, ...(webhooks && { webhooks }) });
      log.info({}, 'Set caBundle');
      return done;
    },
  });
}
