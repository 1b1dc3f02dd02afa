export type { ConfigurationNames } from './certificates/configurations.ts';
export type { AdmissionRequest, UserInfo } from './review/admission-request.ts';
export {
  mutating,
  validating,
  type Handler,
  type MutatingOptions,
  type ReviewOptions,
  type ValidatingOptions,
} from './review/handler.ts';
export {
  allow,
  deny,
  mutate,
  type Allow,
  type Deny,
  type DenyReason,
  type Mutate,
  type Told,
} from './review/verdict.ts';
export { webhookDefaults, webhooks, type Webhooks, type WebhooksOptions } from './webhooks.ts';
