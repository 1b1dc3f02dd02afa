import { aroundCalls } from './around-calls.ts';
import type { Client } from './client.ts';
import { resourceId } from './resource.ts';

/** Something that takes time. */
export interface Operation {
  readonly kind: 'pass' | 'call' | 'watch';
  /** The same for all objects of a kind, as the name of a span should be. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/**
 * Stands around a pass, a call to the API server, and each start of a watch: its wait, and its list where it needs one.
 * Calls `run` once and gives back what that gives; what `run` starts comes while it runs.
 */
export type Trace = <T>(operation: Operation, run: () => Promise<T>) => Promise<T>;

export const untraced: Trace = (_operation, run) => run();

export function tracedClient(client: Client, trace: Trace): Client {
  return aroundCalls(client, ({ verb, resource, name, namespace }, act) => {
    const attributes = { ...(name !== undefined && { name }), ...(namespace !== undefined && { namespace }) };
    return trace({ kind: 'call', name: `${verb} ${resourceId(resource)}`, attributes }, act);
  });
}
