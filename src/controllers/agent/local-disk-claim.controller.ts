import { controller, done, lifecycle, type Look, type Pass, type Result, watch } from '@dot-kube/operator';
import {
  LocalDiskClaim,
  type LocalDiskClaimPhase,
  type LocalDiskClaimStatus,
} from '../../api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../api/local-disk.schema.ts';
import { decide, type EffectOf, localDiskClaimMachine } from '../../machines/index.ts';
import { pendingClaim } from '../pending-claim.ts';
import { progressOf, withCondition } from '../progress.ts';
import { claimFinalizer, claimPerformers } from './claim-effects.ts';
import { type ClaimSight, claimSight } from './claim-event.ts';
import { poolOwner } from './claim-match.ts';
import type { AgentContext } from './context.ts';
import { pooledDisks } from './pooled-disks.ts';

/** How often a claim is looked at when none of its disks changes: the pool may have. */
const lookMs = 60_000;
const deadlineMs = 300_000;
/** A claim whose disks are in the pool stays to be looked at for so long, and then goes by itself. */
const keptMs = 3_600_000;

/** The claims of this node: bare disks become pools. */
export const localDiskClaimController = (agent: AgentContext) => {
  const select = { fieldSelector: `spec.nodeName=${agent.node}` };
  const live = lifecycle<LocalDiskClaim, Seen, LocalDiskClaimPhase, EffectOf<typeof localDiskClaimMachine>>({
    observe: (pass) => observe(agent, pass),
    stateOf: ({ status }) => status?.status,
    decide: (saved, { sight }) => decide(localDiskClaimMachine, saved, sight.event),
    status: statusOf,
    announce: ({ status }, { state, facts: { sight } }) =>
      state === (status?.status ?? '') ? undefined : { type: 'Normal', reason: sight.reason, message: sight.message },
    perform: ({ object: claim, client, signal }, { disks }) => claimPerformers({ agent, client, claim, disks, signal }),
  });
  return controller({
    name: 'local-disk-claim',
    resource: LocalDiskClaim,
    select,
    watches: [
      watch(
        LocalDisk,
        (_disk, cache) => cache.list(LocalDiskClaim, isOpen).map(({ metadata }) => metadata.name),
        select,
      ),
    ],
    resyncMs: lookMs,
    // One at a time: two claims that match the same disks would only meet as conflicts.
    concurrency: 1,
    finalizer: {
      name: claimFinalizer,
      // From when its disks are written down, and so before it takes one.
      holds: (claim) => isOurs(claim) && (claim.spec.diskRefs ?? []).length > 0,
      cleanUp: live,
    },
    reconcile: async (pass) => {
      if (!isOurs(pass.object)) return leaveAlone(pass);
      return isOld(pass.object, pass.now()) ? remove(pass) : live(pass);
    },
  });
};

interface Seen {
  /** Of this node. */
  readonly disks: readonly LocalDisk[];
  readonly sight: ClaimSight;
}

const isOurs = ({ spec: { owner = '' } }: LocalDiskClaim): boolean => ['', poolOwner].includes(owner);

/** A claim that may still want a disk, or has to give one back. */
const isOpen = ({ status }: LocalDiskClaim): boolean => status?.status !== 'Consumed';

async function observe(agent: AgentContext, { object, cache, signal }: Pass<LocalDiskClaim>): Promise<Seen> {
  const disks = cache.list(LocalDisk).filter(({ spec }) => spec.nodeName === agent.node);
  const pooled = await pooledDisks(agent, disks, signal);
  return { disks, sight: claimSight(object, { disks, pooled }) };
}

function statusOf(
  { status: before, metadata }: LocalDiskClaim,
  { facts: { sight }, state, nowMs }: Look<Seen, LocalDiskClaimPhase>,
): LocalDiskClaimStatus {
  const { reason, message } = sight;
  const known = before === undefined ? undefined : { ...before, state: before.status ?? '' };
  const isConsumed = state === 'Consumed';
  const { deadline: _deadline, ...kept } = before ?? {};
  const consumed = { type: 'Consumed', status: isConsumed ? 'True' : 'False', reason, message } as const;
  return {
    ...kept,
    status: state,
    ...progressOf(known, state, { reason, message }, { nowMs, ...(isConsumed ? {} : { deadlineMs }) }),
    conditions: withCondition(before?.conditions, consumed, { nowMs, generation: metadata.generation }),
  };
}

/** A claim that this product does nothing about says so. */
async function leaveAlone({ object: claim, status, now }: Pass<LocalDiskClaim>): Promise<Result> {
  const message = `Disks for owner ${claim.spec.owner} are not handed out here. Use owner ${poolOwner}.`;
  await status.write(pendingClaim(claim, { reason: 'OwnerNotHandled', message }, now()));
  return done;
}

/** Its clean-up does the rest. */
async function remove({ object: { metadata }, client }: Pass<LocalDiskClaim>): Promise<Result> {
  const { name, uid } = metadata;
  await client.delete(LocalDiskClaim, name, uid === undefined ? {} : { uid });
  return done;
}

const isOld = ({ status }: LocalDiskClaim, nowMs: number): boolean =>
  status?.status === 'Consumed' && nowMs - Date.parse(status.since ?? '') > keptMs;
