// What the tests of the webhook server send.
import type { KubernetesObject, Resource } from '../resource.ts';

export interface Box extends KubernetesObject {
  spec: { size: number; labels?: string[] };
}

export const Box: Resource<Box> = {
  group: 'example.io',
  version: 'v1',
  kind: 'Box',
  plural: 'boxes',
  scope: 'Namespaced',
};

export const box = (size: number): Box => ({
  apiVersion: 'example.io/v1',
  kind: 'Box',
  metadata: { name: 'a', namespace: 'default' },
  spec: { size },
});

/** The AdmissionReview of a Box that is created, as an API server writes it. */
export const reviewOf = (object: object | null, request: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    kind: { group: 'example.io', version: 'v1', kind: 'Box' },
    resource: { group: 'example.io', version: 'v1', resource: 'boxes' },
    requestKind: { group: 'example.io', version: 'v1', kind: 'Box' },
    name: 'a',
    namespace: 'default',
    operation: 'CREATE',
    userInfo: { username: 'admin', groups: ['system:masters'] },
    object,
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    ...request,
  },
});
