interface Entry {
  readonly key: string;
  readonly at: number;
  /** Grows with each that is set. */
  readonly order: number;
  /** Index in the heap. */
  place: number;
}

/** Keys by the time at which each is due, on any clock: a binary heap that finds each of its keys as well. */
export class DueKeys {
  readonly #heap: Entry[] = [];
  readonly #entries = new Map<string, Entry>();
  #order = 0;

  /** When a key is due. */
  get(key: string): number | undefined {
    return this.#entries.get(key)?.at;
  }

  set(key: string, at: number): void {
    this.delete(key);
    const entry = { key, at, order: (this.#order += 1), place: this.#heap.length };
    this.#entries.set(key, entry);
    this.#heap.push(entry);
    this.#rise(entry);
  }

  /** @returns whether the key was there */
  delete(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    const last = this.#heap.pop()!;
    if (last !== entry) {
      this.#put(last, entry.place);
      this.#rise(last);
      this.#sink(last);
    }
    return true;
  }

  clear(): void {
    this.#entries.clear();
    this.#heap.length = 0;
  }

  /** When the first key is due; Infinity when there is none. */
  next(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  /** Takes the first key out that is due by `now`; of those due at the same time, the one that was set first. */
  take(now: number): string | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.delete(first.key);
    return first.key;
  }

  #rise(entry: Entry): void {
    while (entry.place > 0) {
      const parent = this.#heap[(entry.place - 1) >> 1]!;
      if (isBefore(parent, entry)) return;
      this.#swap(parent, entry);
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const left = this.#heap[2 * entry.place + 1];
      const right = this.#heap[2 * entry.place + 2];
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || isBefore(entry, child)) return;
      this.#swap(entry, child);
    }
  }

  #swap(one: Entry, other: Entry): void {
    const { place } = one;
    this.#put(one, other.place);
    this.#put(other, place);
  }

  #put(entry: Entry, place: number): void {
    entry.place = place;
    this.#heap[place] = entry;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
