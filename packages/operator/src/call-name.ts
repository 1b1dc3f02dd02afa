import type { Resource } from './resource.ts';

export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'update status of'
  | 'apply'
  | 'apply status of'
  | 'patch'
  | 'delete'
  | 'evict';

interface Named {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

/** What is asked of an API server, as errors tell it: `update LocalVolume pvc-1`, `list Pod in default`. */
export function callName(verb: Verb, { kind }: Resource, { name, namespace }: Named = {}): string {
  if (name === undefined) return namespace === undefined ? `${verb} ${kind}` : `${verb} ${kind} in ${namespace}`;
  return `${verb} ${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
