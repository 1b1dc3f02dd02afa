import { CsiError } from '../grpc/csi-error.ts';

const prefix = 'after:';

export interface Page<T> {
  readonly items: readonly T[];
  /** Empty on the last page. */
  readonly nextToken: string;
}

/**
 * One page of what is known by name. A token says the last name of the page before, so that what comes and goes between
 * two calls neither hides nor repeats anything else.
 * @param maxEntries 0: all that are left
 * @throws CsiError ABORTED for a token that none of our answers held: begin anew
 */
export function pageOf<T>(
  all: readonly T[],
  nameOf: (item: T) => string,
  { maxEntries, startingToken }: { maxEntries: number; startingToken: string },
): Page<T> {
  if (maxEntries < 0) throw new CsiError('INVALID_ARGUMENT', `max_entries is ${maxEntries}; it can't be negative.`);
  if (startingToken !== '' && !startingToken.startsWith(prefix))
    throw new CsiError('ABORTED', `No answer held the token ${startingToken}. Ask without a starting_token.`);
  const after = startingToken.slice(prefix.length);
  const left = all.filter((item) => nameOf(item) > after).sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const items = maxEntries === 0 ? left : left.slice(0, maxEntries);
  const last = items.at(-1);
  return { items, nextToken: last === undefined || items.length === left.length ? '' : prefix + nameOf(last) };
}
