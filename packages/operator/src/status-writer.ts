import { isDeepStrictEqual } from 'node:util';
import type { Applied, Client, Partially } from './client.ts';
import type { KubernetesObject, Resource } from './resource.ts';

export type StatusOf<O> = O extends { status?: infer S } ? Exclude<S, undefined> : never;

/** How a pass writes the status of its object. */
export interface StatusWriter<O extends KubernetesObject> {
  /**
   * Replaces the status, if it is still the one that this pass read; makes no call when nothing differs.
   * @throws ApiError `Conflict` when someone wrote since: the pass ends and is taken up anew
   */
  write(next: StatusOf<O>): Promise<void>;
  /**
   * Server-side apply, for a status that several managers share: says all that this manager has to say; what it said
   * before and leaves out now is removed, an empty object like one that was left out. Makes no call when nothing differs.
   */
  apply(part: Partially<StatusOf<O>>): Promise<void>;
}

/** What a controller applied last, by object uid: only it knows whether leaving a field out means removing it. */
export type LastApplied = Map<string, unknown>;

type Living = KubernetesObject & { status?: unknown };

export function statusWriter<O extends KubernetesObject>(
  { writes, applies }: { writes: Client; applies: Client },
  resource: Resource<O>,
  object: Readonly<O>,
  fieldManager: string,
  lastApplied: LastApplied,
): StatusWriter<O> {
  let current = object as Living;
  return {
    async write(next) {
      const status = onWire(next);
      if (isDeepStrictEqual(status, current.status)) return;
      current = await writes.updateStatus(resource, { ...current, status } as O & Living);
    },
    async apply(part) {
      const { name, namespace, uid = '' } = current.metadata;
      const status = withoutEmptyMaps(onWire(part)) ?? {};
      if (isDeepStrictEqual(lastApplied.get(uid), status) && covers(current.status, status)) return;
      const applied = { metadata: { name, ...(namespace !== undefined && { namespace }) }, status };
      // The cast: what O's own fields are is not known here, so neither that a status alone is a part of it.
      current = await applies.applyStatus(resource, applied as unknown as Applied<O>, { fieldManager, force: true });
      lastApplied.set(uid, status);
    },
  };
}

/** A value as JSON carries it: undefined members are gone. */
const onWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/**
 * An API server makes null of a map that its manager says to be empty when the last member goes, and then refuses the
 * null (seen on Kubernetes 1.36); a map that is left out goes without trouble.
 * @returns undefined for an object without members
 */
function withoutEmptyMaps(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => withoutEmptyMaps(item) ?? {});
  const members = Object.entries(value)
    .map(([name, member]) => [name, withoutEmptyMaps(member)] as const)
    .filter(([, member]) => member !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

/** Whether a live value says all that a part says; items of lists that are told apart by their `type` are found by it, as conditions are. */
function covers(live: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return live === part;
  if (typeof live !== 'object' || live === null) return false;
  if (!Array.isArray(part)) {
    return Object.entries(part).every(([name, member]) => covers((live as Record<string, unknown>)[name], member));
  }
  if (!Array.isArray(live) || (part.length === 0 && live.length > 0)) return false;
  const [said, told] = [byType(live), byType(part)];
  if (said === undefined || told === undefined) return isDeepStrictEqual(live, part);
  return [...told].every(([type, item]) => covers(said.get(type), item));
}

/** The items of a list by their `type`; undefined where one has none, or two have the same. */
function byType(list: readonly unknown[]): ReadonlyMap<string, unknown> | undefined {
  const items = new Map(
    list.flatMap((item) => {
      const type = typeOf(item);
      return type === undefined ? [] : [[type, item] as const];
    }),
  );
  return items.size === list.length ? items : undefined;
}

function typeOf(item: unknown): string | undefined {
  return typeof item === 'object' && item !== null && 'type' in item && typeof item.type === 'string'
    ? item.type
    : undefined;
}
