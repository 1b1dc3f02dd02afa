import { isDeepStrictEqual } from 'node:util';
import { stalledOf } from '@dot-kube/operator';
import type { LocalDiskClaim } from '../../../api/local-disk-claim.schema.ts';
import type { Why } from '../../progress.ts';

/** Condition of a LocalStorageNode: no claim of the node waits for anything. */
export const claimsMetType = 'ClaimsMet';

/** Of a message that may have 8192 characters. */
const budget = 8000;

/** Whether claims of a node wait, which, and for what: who looks at the node alone must find what to do. */
export function claimsMet(
  claims: readonly LocalDiskClaim[],
): { readonly type: typeof claimsMetType; readonly status: 'True' | 'False' } & Why {
  const waiting = claims
    .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.status !== 'Consumed')
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const [first] = waiting;
  if (first === undefined)
    return {
      type: claimsMetType,
      status: 'True',
      reason: 'NoneWaits',
      message: 'No LocalDiskClaim of the node waits.',
    };
  const room = Math.floor(budget / waiting.length);
  return {
    type: claimsMetType,
    status: 'False',
    reason: waiting.length === 1 ? whyOf(first).reason : 'SeveralWait',
    message: waiting.map((claim) => shortened(wordsOf(claim), room)).join('\n'),
  };
}

/** Whether a claim came or went, or has something else to say to who looks at the node. */
export const claimToldAnew = (before: LocalDiskClaim | undefined, after: LocalDiskClaim | undefined): boolean =>
  before === undefined ||
  after === undefined ||
  before.metadata.uid !== after.metadata.uid ||
  !isDeepStrictEqual(claimsMet([before]), claimsMet([after]));

const wordsOf = (claim: LocalDiskClaim): string =>
  `LocalDiskClaim ${claim.metadata.name} (${claim.status?.status || 'new'}): ${whyOf(claim).message}`;

/** What a tool refuses goes before where the claim is. */
function whyOf({ status }: LocalDiskClaim): Why {
  const stalled = stalledOf(status);
  if (stalled !== undefined) return stalled;
  return { reason: status?.reason ?? 'NotSeenYet', message: status?.message ?? 'The agent has not looked at it yet.' };
}

function shortened(words: string, room: number): string {
  if (words.length < room) return words;
  const end = '… kubectl describe ldc tells the rest.';
  return room <= end.length ? words.slice(0, Math.max(0, room - 1)) : words.slice(0, room - end.length - 1) + end;
}
