/** Does work that shares a key one after the other, in the order it was asked for. */
export type Serial = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * Changes of one volume group or one DRBD resource must not run beside each other: lvm would wait on its lock without
 * limit, and a check would be stale before its act. Two keys never wait for each other.
 */
export function serial(): Serial {
  const tails = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const turn = (tails.get(key) ?? Promise.resolve()).then(work, work);
    tails.set(key, turn);
    try {
      return await turn;
    } finally {
      if (tails.get(key) === turn) tails.delete(key);
    }
  };
}
