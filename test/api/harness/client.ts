import { inject } from 'vitest';
import { type ObjectKey, pathOf, type Resource } from '@dot-kube/operator';
import { createNodeBoundToken, request } from '../../lab/control-plane/index.ts';

/** What the server answered; `object` is the object, a list, or the Status that says why not. */
export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON of the server, whose shape the test states by what it expects
  readonly object: any;
}

/** A cluster-scoped object by its name, any other by its name and namespace. */
type Where = string | ObjectKey;

/** The calls that tests make, as one user; refusals are answers, not exceptions. */
export interface User {
  create(resource: Resource, object: object): Promise<Answer>;
  get(resource: Resource, where: Where): Promise<Answer>;
  list(resource: Resource, query?: string): Promise<Answer>;
  /** Reads the object, changes it in place and writes it back with the version that was read. */
  change(
    resource: Resource,
    where: Where,
    edit: (object: Answer['object']) => void,
    subresource?: 'status',
  ): Promise<Answer>;
  delete(resource: Resource, where: Where): Promise<Answer>;
}

export function userWith(token: string): User {
  const api = inject('apiServer');
  const call = async (method: string, path: string, body?: object): Promise<Answer> => {
    const answer = await request(api.server + path, { method, caPath: api.caPath, token, ...(body && { body }) });
    return { status: answer.status, object: JSON.parse(answer.body) };
  };
  const at = (resource: Resource, where: Where, subresource?: string) => {
    const { namespace, name } = typeof where === 'string' ? { name: where, namespace: undefined } : where;
    return pathOf(resource, namespace, name, subresource);
  };
  return {
    create: (resource, object) => {
      const { namespace } = (object as { metadata: { namespace?: string } }).metadata;
      return call('POST', `${pathOf(resource, namespace)}?fieldValidation=Strict`, object);
    },
    get: (resource, where) => call('GET', at(resource, where)),
    list: (resource, query = '') => call('GET', pathOf(resource) + query),
    change: async (resource, where, edit, subresource) => {
      const { object } = await call('GET', at(resource, where));
      edit(object);
      return call('PUT', `${at(resource, where, subresource)}?fieldValidation=Strict`, object);
    },
    delete: (resource, where) => call('DELETE', at(resource, where)),
  };
}

export const admin = (): User => userWith(inject('apiServer').adminToken);

/** A service account of ours; with a node, by a token that is bound to that node as a DaemonSet's pod has one. */
export async function serviceAccount(name: string, node?: { name: string; uid: string }): Promise<User> {
  const api = inject('apiServer');
  return userWith(
    await createNodeBoundToken({ ...api, namespace: 'hwameistor', serviceAccount: name, ...(node && { node }) }),
  );
}
