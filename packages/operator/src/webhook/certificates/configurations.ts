import { builtin, type WebhookConfiguration } from '../../builtin.ts';
import type { Resource } from '../../resource.ts';

/** Names of the configurations that send the API server to us. All their webhooks are taken to be ours. */
export interface ConfigurationNames {
  readonly validating?: readonly string[];
  readonly mutating?: readonly string[];
}

export interface Configuration {
  readonly resource: Resource<WebhookConfiguration>;
  readonly name: string;
}

export function configurationsOf({ validating = [], mutating = [] }: ConfigurationNames): Configuration[] {
  return [
    ...validating.map((name) => ({ resource: builtin.ValidatingWebhookConfiguration, name })),
    ...mutating.map((name) => ({ resource: builtin.MutatingWebhookConfiguration, name })),
  ];
}

/** Whether all webhooks of a configuration trust just these authorities. */
export function trusts({ webhooks = [] }: Readonly<WebhookConfiguration>, caBundle: string): boolean {
  return webhooks.every(({ clientConfig }) => clientConfig.caBundle === caBundle);
}
