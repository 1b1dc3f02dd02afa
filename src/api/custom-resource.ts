import type * as z from 'zod';

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

/** An object of ours as the API server returns it: defaults are filled in, status is absent until first written. */
export interface CustomObject<Spec, Status> {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  spec: Spec;
  status?: Status;
}

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  /** e.g. `.spec.nodeName` */
  readonly jsonPath: string;
  readonly description?: string;
  /** Above 0: shown with `-o wide` only. */
  readonly priority?: number;
}

/** A CEL rule that the API server checks on every write; one that uses `oldSelf` looks at changes alone. */
export interface ValidationRule {
  readonly rule: string;
  /** Names the field and says what to do. */
  readonly message: string;
  readonly fieldPath?: string;
}

/** A kind of ours with all that its CustomResourceDefinition needs. A plain value: the framework's `crdOf` reads it. */
export interface CustomResource<Spec, Status> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'Cluster' | 'Namespaced';
  readonly shortNames: readonly string[];
  /** Shown by `kubectl explain`. */
  readonly description: string;
  readonly spec: z.ZodType<Spec>;
  /** Absent: the kind has no status sub-resource. */
  readonly status?: z.ZodType<Status>;
  readonly columns: readonly PrinterColumn[];
  /** Paths that a `fieldSelector` may name, so that a node is sent its own objects alone. */
  readonly selectableFields: readonly string[];
  /** Rules on the whole object. */
  readonly validations: readonly ValidationRule[];
  /** For the type checker alone, never set. */
  readonly object?: CustomObject<Spec, Status>;
}

export const group = 'hwameistor.io';
export const version = 'v1alpha1';

type Described<Spec, Status> = Omit<CustomResource<Spec, Status>, 'group' | 'version' | 'scope' | 'object'>;

/** All our kinds are cluster-scoped and of one group and version. */
export const customResource = <Spec, Status>(described: Described<Spec, Status>): CustomResource<Spec, Status> => ({
  group,
  version,
  scope: 'Cluster',
  ...described,
});

export const age = { jsonPath: '.metadata.creationTimestamp', type: 'date' } as const;
