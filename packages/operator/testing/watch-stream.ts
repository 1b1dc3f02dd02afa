/** A stream that its source pushes into and one reader takes from; what is not read yet waits. */
export interface Stream<T> extends AsyncIterable<T> {
  push(item: T): void;
  end(): void;
}

export function stream<T>(): Stream<T> {
  const waiting: T[] = [];
  let ended = false;
  let wake = () => {};
  return {
    push(item) {
      if (!ended) waiting.push(item);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const item = waiting.shift();
        if (item !== undefined) yield item;
        else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
