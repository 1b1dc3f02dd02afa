import type { KubernetesObject, Resource } from './resource.ts';

export interface NodeCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastHeartbeatTime?: string;
  lastTransitionTime?: string;
}

export interface Taint {
  key: string;
  value?: string;
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  timeAdded?: string;
}

/** The framework describes of built-in objects what operators commonly read; the server keeps the rest. */
export interface Node extends KubernetesObject {
  spec?: { unschedulable?: boolean; taints?: Taint[]; providerID?: string };
  status?: {
    conditions?: NodeCondition[];
    addresses?: { type: string; address: string }[];
    nodeInfo?: Record<string, unknown>;
    capacity?: Record<string, string>;
    allocatable?: Record<string, string>;
  };
}

export interface PodCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface PodVolume {
  name: string;
  persistentVolumeClaim?: { claimName: string; readOnly?: boolean };
  /** A claim of the pod's own, named `<pod>-<volume>`. */
  ephemeral?: object;
}

export interface Pod extends KubernetesObject {
  spec?: {
    nodeName?: string;
    containers?: { name: string; image?: string }[];
    volumes?: PodVolume[];
    tolerations?: { key?: string; operator?: string; value?: string; effect?: string }[];
    terminationGracePeriodSeconds?: number;
  };
  status?: { phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'; conditions?: PodCondition[] };
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; values?: string[] }[];
}

export interface PodDisruptionBudget extends KubernetesObject {
  spec?: { selector?: LabelSelector; minAvailable?: number | string; maxUnavailable?: number | string };
  status?: {
    observedGeneration?: number;
    disruptionsAllowed: number;
    currentHealthy: number;
    desiredHealthy: number;
    expectedPods: number;
    disruptedPods?: Record<string, string>;
  };
}

/** Times are RFC 3339 with microseconds. */
export interface Lease extends KubernetesObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

export interface Secret extends KubernetesObject {
  type?: string;
  immutable?: boolean;
  /** Values are base64. */
  data?: Record<string, string>;
  stringData?: Record<string, string>;
}

export interface ConfigMap extends KubernetesObject {
  immutable?: boolean;
  data?: Record<string, string>;
}

export interface ObjectReference {
  apiVersion?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
}

/** An Event of events.k8s.io/v1; `series` counts the repetitions. */
export interface Event extends KubernetesObject {
  eventTime: string;
  type: 'Normal' | 'Warning';
  reason: string;
  action: string;
  note?: string;
  regarding?: ObjectReference;
  related?: ObjectReference;
  reportingController: string;
  reportingInstance: string;
  series?: { count: number; lastObservedTime: string };
}

export interface NodeSelectorTerm {
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
  matchFields?: { key: string; operator: string; values?: string[] }[];
}

export interface PersistentVolume extends KubernetesObject {
  spec?: {
    /** Terms of which one must hold for a node. */
    nodeAffinity?: { required?: { nodeSelectorTerms: NodeSelectorTerm[] } };
    csi?: { driver: string; volumeHandle: string };
    claimRef?: ObjectReference;
    capacity?: Record<string, string>;
    storageClassName?: string;
  };
  status?: { phase?: string };
}

export interface PersistentVolumeClaim extends KubernetesObject {
  spec?: { volumeName?: string; storageClassName?: string; accessModes?: string[] };
  status?: { phase?: string };
}

export interface VolumeAttachment extends KubernetesObject {
  spec?: { attacher: string; nodeName: string; source: { persistentVolumeName?: string } };
}

export interface CSIDriver extends KubernetesObject {
  spec?: { attachRequired?: boolean };
}

/** How the API server reaches a webhook: by `url` or by `service`. */
export interface WebhookClientConfig {
  url?: string;
  service?: { namespace: string; name: string; path?: string; port?: number };
  /** Base64 of the PEM certificates that the webhook's own may be signed by. */
  caBundle?: string;
}

export interface WebhookRule {
  apiGroups: string[];
  apiVersions: string[];
  resources: string[];
  operations: ('CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT' | '*')[];
  scope?: 'Cluster' | 'Namespaced' | '*';
}

export interface Webhook {
  name: string;
  clientConfig: WebhookClientConfig;
  rules?: WebhookRule[];
  admissionReviewVersions: string[];
  sideEffects: 'None' | 'NoneOnDryRun';
  failurePolicy?: 'Fail' | 'Ignore';
  timeoutSeconds?: number;
}

/** A ValidatingWebhookConfiguration or a MutatingWebhookConfiguration. */
export interface WebhookConfiguration extends KubernetesObject {
  webhooks?: Webhook[];
}

const builtinKind = <O extends KubernetesObject>(
  group: string,
  version: string,
  kind: string,
  plural: string,
  scope: Resource['scope'],
): Resource<O> => ({ group, version, kind, plural, scope });

/** Kinds that every cluster has. */
export const builtin = {
  Node: builtinKind<Node>('', 'v1', 'Node', 'nodes', 'Cluster'),
  Pod: builtinKind<Pod>('', 'v1', 'Pod', 'pods', 'Namespaced'),
  PodDisruptionBudget: builtinKind<PodDisruptionBudget>(
    'policy',
    'v1',
    'PodDisruptionBudget',
    'poddisruptionbudgets',
    'Namespaced',
  ),
  Secret: builtinKind<Secret>('', 'v1', 'Secret', 'secrets', 'Namespaced'),
  ConfigMap: builtinKind<ConfigMap>('', 'v1', 'ConfigMap', 'configmaps', 'Namespaced'),
  Namespace: builtinKind<KubernetesObject>('', 'v1', 'Namespace', 'namespaces', 'Cluster'),
  ServiceAccount: builtinKind<KubernetesObject>('', 'v1', 'ServiceAccount', 'serviceaccounts', 'Namespaced'),
  PersistentVolume: builtinKind<PersistentVolume>('', 'v1', 'PersistentVolume', 'persistentvolumes', 'Cluster'),
  PersistentVolumeClaim: builtinKind<PersistentVolumeClaim>(
    '',
    'v1',
    'PersistentVolumeClaim',
    'persistentvolumeclaims',
    'Namespaced',
  ),
  VolumeAttachment: builtinKind<VolumeAttachment>(
    'storage.k8s.io',
    'v1',
    'VolumeAttachment',
    'volumeattachments',
    'Cluster',
  ),
  CSIDriver: builtinKind<CSIDriver>('storage.k8s.io', 'v1', 'CSIDriver', 'csidrivers', 'Cluster'),
  Lease: builtinKind<Lease>('coordination.k8s.io', 'v1', 'Lease', 'leases', 'Namespaced'),
  Event: builtinKind<Event>('events.k8s.io', 'v1', 'Event', 'events', 'Namespaced'),
  CustomResourceDefinition: builtinKind<KubernetesObject>(
    'apiextensions.k8s.io',
    'v1',
    'CustomResourceDefinition',
    'customresourcedefinitions',
    'Cluster',
  ),
  ValidatingWebhookConfiguration: builtinKind<WebhookConfiguration>(
    'admissionregistration.k8s.io',
    'v1',
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    'Cluster',
  ),
  MutatingWebhookConfiguration: builtinKind<WebhookConfiguration>(
    'admissionregistration.k8s.io',
    'v1',
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
    'Cluster',
  ),
} as const;
