import { crdOf } from '../src/crd/crd-of.ts';
import type { JsonSchema } from '../src/crd/json-schema.ts';
import type { CustomResource } from '../src/custom-resource.ts';
import { resourceId, type Resource } from '../src/resource.ts';

/** What an API server knows of a kind. */
export interface Kind {
  readonly resource: Resource;
  /** Set for custom kinds, which are pruned, defaulted and validated by it. */
  readonly schema: JsonSchema | undefined;
  /** Tells which lists merge item by item in server-side apply. */
  readonly mergeSchema: JsonSchema;
  readonly hasStatus: boolean;
  readonly selectableFields: readonly string[];
}

/** Built-in kinds with a status sub-resource; the value tells whether a create may bring its status along. */
const builtinStatus: ReadonlyMap<string, boolean> = new Map([
  ['nodes', true],
  ['pods', true],
  ['namespaces', false],
  ['poddisruptionbudgets.policy', false],
  ['persistentvolumes', false],
  ['persistentvolumeclaims', false],
]);

const builtinSelectable: ReadonlyMap<string, readonly string[]> = new Map([
  ['nodes', ['spec.unschedulable']],
  ['pods', ['spec.nodeName', 'status.phase']],
  ['secrets', ['type']],
]);

const metadataSchema: JsonSchema = {
  properties: {
    finalizers: { 'x-kubernetes-list-type': 'set' },
    ownerReferences: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['uid'] },
  },
};

const builtinSchema: JsonSchema = {
  properties: {
    metadata: metadataSchema,
    status: {
      properties: {
        conditions: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] },
        addresses: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] },
      },
    },
  },
};

export function kindOf(resource: Resource): Kind {
  const id = resourceId(resource);
  if (!isCustom(resource)) {
    return {
      resource,
      schema: undefined,
      mergeSchema: builtinSchema,
      hasStatus: builtinStatus.has(id),
      selectableFields: builtinSelectable.get(id) ?? [],
    };
  }
  const { openAPIV3Schema: schema } = crdOf(resource).spec.versions[0]!.schema;
  return {
    resource,
    schema,
    mergeSchema: { ...schema, properties: { ...schema.properties, metadata: metadataSchema } },
    hasStatus: resource.status !== undefined,
    selectableFields: resource.selectableFields ?? [],
  };
}

/** A create drops the status of custom kinds, but a Node registers with its own. */
export function keepsStatusOnCreate(kind: Kind): boolean {
  return !kind.hasStatus || builtinStatus.get(resourceId(kind.resource)) === true;
}

export function isCustom(resource: Resource): resource is CustomResource {
  return 'spec' in resource && resource.spec !== undefined;
}
