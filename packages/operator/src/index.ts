export {
  ApiError,
  isAlreadyExists,
  isConflict,
  isDisruptionBudget,
  isExpired,
  isNotFound,
  type ApiErrorCause,
  type ApiErrorDetails,
  type ApiErrorReason,
} from './api-error.ts';
export {
  builtin,
  type ConfigMap,
  type CSIDriver,
  type Event,
  type LabelSelector,
  type Lease,
  type Node,
  type NodeCondition,
  type NodeSelectorTerm,
  type ObjectReference,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type PodCondition,
  type PodDisruptionBudget,
  type PodVolume,
  type Secret,
  type Taint,
  type VolumeAttachment,
  type Webhook,
  type WebhookClientConfig,
  type WebhookConfiguration,
  type WebhookRule,
} from './builtin.ts';
export type {
  Applied,
  ApplyOptions,
  CallOptions,
  Client,
  DeleteOptions,
  EvictOptions,
  JsonPatchOperation,
  ListOptions,
  NamespacedOptions,
  ObjectList,
  Partially,
  Selection,
  WatchEvent,
  WatchOptions,
} from './client.ts';
export { sleep, systemClock, type Clock } from './clock.ts';
export {
  findCondition,
  rfc3339,
  setCondition,
  type Condition,
  type ConditionStatus,
  type ConditionUpdate,
} from './conditions.ts';
export {
  customResource,
  type CustomObject,
  type CustomResource,
  type PrinterColumn,
  type ValidationRule,
} from './custom-resource.ts';
export { silentLog, type Log } from './log.ts';
export {
  apiVersionOf,
  keyOf,
  parseKey,
  pathOf,
  resourceId,
  type KubernetesObject,
  type ManagedFields,
  type ObjectKey,
  type ObjectMeta,
  type ObjectOf,
  type OwnerReference,
  type Resource,
} from './resource.ts';
export { after, again, done, gone, type Result } from './result.ts';
export { crdOf, type CustomResourceDefinition, type CustomResourceDefinitionVersion } from './crd/crd-of.ts';
export type { JsonSchema } from './crd/json-schema.ts';
export { toStructural } from './crd/to-structural.ts';
export type { Cache, Which } from './cache.ts';
export {
  controller,
  specChanged,
  watch,
  type AbsentPass,
  type Controller,
  type ControllerOptions,
  type Finalizer,
  type MappedKeys,
  type Pass,
  type Predicate,
  type Watch,
  type WatchSelection,
} from './controller.ts';
export { createOnce } from './create-once.ts';
export { letGo } from './finalizer.ts';
export { lifecycle, type Lifecycle, type Look, type NamedEffect, type PerformersOf } from './lifecycle/lifecycle.ts';
export type { Answering } from './answering.ts';
export { refusalOf, type Refusal } from './refusal.ts';
export { stalledOf, stalledType, type Tries } from './lifecycle/tries.ts';
export { index, ownedBy, ownerReference, type Lookup } from './lookup.ts';
export { microTime, type EmittedEvent, type Events } from './event-recorder.ts';
export { manager, type Manager, type ManagerOptions } from './manager.ts';
export type { StatusOf, StatusWriter } from './status-writer.ts';
export type { Backoff } from './work-queue.ts';
export { inCluster, type Connection } from './transport/connection.ts';
export {
  kubernetesClient,
  type KubernetesClient,
  type KubernetesClientOptions,
} from './transport/kubernetes-client.ts';
export { LeadershipLost, type Tenure } from './held-lease.ts';
export { leaseDefaults, whileHolding, type Candidate, type LeaseOptions } from './lease.ts';
export { healthServer, type Check, type HealthOptions, type HealthServer } from './health/health-server.ts';
export type { Counter, Histogram, HistogramSpec, Labels, Metrics, MetricSpec } from './metrics/metrics.ts';
export { metricsRegistry, type MetricsRegistry } from './metrics/registry.ts';
export { requestMetrics } from './metrics/request-metrics.ts';
export type { ObservedRequest, RequestObserver } from './transport/observed.ts';
export type { Operation, Trace } from './trace.ts';
