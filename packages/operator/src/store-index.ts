import type { KubernetesObject } from './resource.ts';

export type ValuesOf<O extends KubernetesObject = KubernetesObject> = (object: Readonly<O>) => readonly string[];

/**
 * The objects of a store by what a function says of them. It is asked when somebody looks, not when objects change: if
 * it throws, who looks is told, and the watch goes on.
 */
export class StoreIndex {
  readonly #valuesOf: ValuesOf;
  readonly #found = new Map<string, Map<string, KubernetesObject>>();
  readonly #valuesByKey = new Map<string, readonly string[]>();
  readonly #changed: Map<string, KubernetesObject | undefined>;

  constructor(valuesOf: ValuesOf, objects: ReadonlyMap<string, KubernetesObject>) {
    this.#valuesOf = valuesOf;
    this.#changed = new Map(objects);
  }

  note(key: string, after: KubernetesObject | undefined): void {
    this.#changed.set(key, after);
  }

  /** @throws what the function throws */
  find(value: string): KubernetesObject[] {
    for (const [key, after] of this.#changed) {
      this.#place(key, after);
      this.#changed.delete(key);
    }
    return [...(this.#found.get(value)?.values() ?? [])];
  }

  #place(key: string, after: KubernetesObject | undefined): void {
    const values = after === undefined ? [] : this.#valuesOf(after);
    for (const value of this.#valuesByKey.get(key) ?? []) {
      const objects = this.#found.get(value);
      if (!values.includes(value)) objects?.delete(key);
      if (objects?.size === 0) this.#found.delete(value);
    }
    if (after === undefined) this.#valuesByKey.delete(key);
    else this.#valuesByKey.set(key, values);
    for (const value of values) {
      const objects = this.#found.get(value) ?? new Map<string, KubernetesObject>();
      this.#found.set(value, objects.set(key, after!));
    }
  }
}
