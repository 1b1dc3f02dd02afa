import type { Client, Selection } from './client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Lookup } from './lookup.ts';
import { Reflector } from './reflector.ts';
import { resourceId, type KubernetesObject, type Resource } from './resource.ts';
import type { Store } from './store.ts';
import type { Trace } from './trace.ts';

/** What the watches of one manager know; objects are frozen and may be a moment old. */
export interface Cache {
  /** @throws when no controller of this manager watches the kind */
  get<O extends KubernetesObject>(resource: Resource<O>, name: string, namespace?: string): Readonly<O> | undefined;
  /**
   * @param which a filter, which looks at every object, or what an index or `ownedBy` finds without looking at others
   * @throws when no controller of this manager watches the kind
   */
  list<O extends KubernetesObject>(resource: Resource<O>, which?: Which<O>): Readonly<O>[];
}

export type Which<O extends KubernetesObject> = ((object: Readonly<O>) => boolean) | Lookup<O>;

export interface CacheOptions {
  client: Client;
  clock: Clock;
  log: Log;
  trace: Trace;
}

interface Kept {
  readonly reflector: Reflector;
  readonly selector: string;
}

/** One watch for each kind and selection, however many controllers ask for it. */
export class SharedCaches implements Cache {
  readonly #kept = new Map<string, Map<string, Kept>>();
  readonly #options: CacheOptions;

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  storeOf(resource: Resource, selection: Selection): Store {
    const id = resourceId(resource);
    const kinds = this.#kept.get(id) ?? new Map<string, Kept>();
    this.#kept.set(id, kinds);
    const selector = spelled(selection);
    let kept = kinds.get(selector);
    if (kept === undefined) {
      const reflector = new Reflector({ ...this.#options, resource, selection });
      kept = { reflector, selector };
      kinds.set(selector, kept);
    }
    return kept.reflector.store;
  }

  reflectors(): Reflector[] {
    return this.all().map(({ reflector }) => reflector);
  }

  /** Each watch with what it selects; an empty selector is all objects. */
  all(): Kept[] {
    return [...this.#kept.values()].flatMap((kinds) => [...kinds.values()]);
  }

  /** Lets the answer to a write of our own be seen by who looks next. A selection may leave out what it doesn't hold. */
  saw(resource: Resource, object: KubernetesObject): void {
    for (const { reflector, selector } of this.#kept.get(resourceId(resource))?.values() ?? []) {
      reflector.store.saw(object, { onlyIfKnown: selector !== '' });
    }
  }

  get<O extends KubernetesObject>(resource: Resource<O>, name: string, namespace?: string): Readonly<O> | undefined {
    const key = { name, ...(namespace !== undefined && { namespace }) };
    for (const store of this.#stores(resource)) {
      const object = store.get(key);
      if (object !== undefined) return object as O;
    }
    return undefined;
  }

  list<O extends KubernetesObject>(resource: Resource<O>, which: Which<O> = () => true): Readonly<O>[] {
    const chosen = this.#stores(resource).map((store) =>
      typeof which === 'function'
        ? (store.list() as O[]).filter(which)
        : (store.find(which as Lookup<KubernetesObject>) as O[]),
    );
    return chosen.length === 1 ? chosen[0]! : distinct(chosen.flat());
  }

  /** The store that holds every object stands for all; else those of each selection count together. */
  #stores(resource: Resource): Store[] {
    const kinds = [...(this.#kept.get(resourceId(resource))?.values() ?? [])];
    if (kinds.length === 0) {
      throw new Error(`no controller here watches ${resourceId(resource)}: add a watch, or ask the client`);
    }
    const whole = kinds.find(({ selector }) => selector === '');
    return (whole ? [whole] : kinds).map(({ reflector }) => reflector.store);
  }
}

const spelled = ({ namespace = '', labelSelector = '', fieldSelector = '' }: Selection) =>
  [namespace === '' ? '' : `namespace ${namespace}`, labelSelector, fieldSelector]
    .filter((selector) => selector !== '')
    .join('; ');

function distinct<O extends KubernetesObject>(objects: readonly O[]): O[] {
  return [...new Map(objects.map((object) => [object.metadata.uid, object])).values()];
}
