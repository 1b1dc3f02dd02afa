import type { KubernetesObject, Resource } from '../src/resource.ts';

/** Who asks, as the API server read it from a token. */
export interface User {
  username: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

/** A write on its way in, as admission policies see it; the objects are frozen. */
export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE' | 'DELETE';
  resource: Resource;
  subResource: 'status' | undefined;
  name: string;
  namespace: string | undefined;
  object: KubernetesObject | undefined;
  oldObject: KubernetesObject | undefined;
  user: User;
}

/** Refuses a write by returning why (422 Invalid, as a policy does by default) or by throwing an ApiError of its own. */
export type Admission = (request: AdmissionRequest) => string | undefined;
