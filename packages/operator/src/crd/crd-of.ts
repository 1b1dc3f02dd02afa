import type { CustomResource } from '../custom-resource.ts';
import type { KubernetesObject } from '../resource.ts';
import type { JsonSchema } from './json-schema.ts';
import { toStructural } from './to-structural.ts';

/** A CustomResourceDefinition (apiextensions.k8s.io/v1) with its one version. */
export interface CustomResourceDefinition extends KubernetesObject {
  spec: {
    group: string;
    names: {
      plural: string;
      singular: string;
      kind: string;
      listKind: string;
      shortNames?: string[];
      categories?: string[];
    };
    scope: 'Cluster' | 'Namespaced';
    versions: CustomResourceDefinitionVersion[];
  };
}

export interface CustomResourceDefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  schema: { openAPIV3Schema: JsonSchema };
  subresources?: { status: object };
  additionalPrinterColumns?: object[];
  selectableFields?: { jsonPath: string }[];
}

/** All that a cluster must know of a kind of ours. @throws when a schema can't be told to the server */
// oxlint-disable-next-line typescript/no-explicit-any -- Spec and Status are both read and written by ZodType: no other type takes every kind
export function crdOf(resource: CustomResource<any, any>): CustomResourceDefinition {
  const version: CustomResourceDefinitionVersion = {
    name: resource.version,
    served: true,
    storage: true,
    schema: { openAPIV3Schema: schemaOf(resource) },
  };
  if (resource.status !== undefined) version.subresources = { status: {} };
  if (resource.columns !== undefined && resource.columns.length > 0) {
    version.additionalPrinterColumns = resource.columns.map((column) => ({ ...column }));
  }
  if (resource.selectableFields !== undefined && resource.selectableFields.length > 0) {
    version.selectableFields = resource.selectableFields.map((jsonPath) => ({ jsonPath }));
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource.plural}.${resource.group}` },
    spec: {
      group: resource.group,
      names: {
        plural: resource.plural,
        singular: resource.singular ?? resource.kind.toLowerCase(),
        kind: resource.kind,
        listKind: resource.listKind ?? `${resource.kind}List`,
        ...(resource.shortNames && { shortNames: [...resource.shortNames] }),
        ...(resource.categories && { categories: [...resource.categories] }),
      },
      scope: resource.scope,
      versions: [version],
    },
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- as in crdOf
function schemaOf(resource: CustomResource<any, any>): JsonSchema {
  const schema: JsonSchema = {
    ...(resource.description !== undefined && { description: resource.description }),
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: toStructural(resource.spec),
    },
  };
  if (resource.status !== undefined) schema.properties!['status'] = toStructural(resource.status);
  if (resource.validations !== undefined && resource.validations.length > 0) {
    schema['x-kubernetes-validations'] = resource.validations.map((rule) => ({ ...rule }));
  }
  return schema;
}
