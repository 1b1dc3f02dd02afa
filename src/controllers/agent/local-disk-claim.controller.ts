import { after, again, controller, done, type Pass, type Result, watch } from '@dot-kube/operator';
import { LocalDiskClaim, type LocalDiskClaimPhase } from '../../api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../api/local-disk.schema.ts';
import { act, decide, localDiskClaimMachine } from '../../machines/index.ts';
import { pendingClaim } from '../pending-claim.ts';
import { attempt, heldBackMs, progressOf, withCondition, withTry } from '../progress.ts';
import { claimPerformers } from './claim-effects.ts';
import { claimSight } from './claim-event.ts';
import { poolOwner } from './claim-match.ts';
import type { AgentContext } from './context.ts';
import { pooledDisks } from './pooled-disks.ts';

/** How often a claim is looked at when nothing tells that something changed: a disk that was wiped tells nobody. */
const lookMs = 15_000;
const deadlineMs = 300_000;
/** A claim whose disks are in the pool stays to be looked at for so long, and then goes by itself. */
const keptMs = 3_600_000;

/** The claims of this node: bare disks become pools. */
export const localDiskClaimController = (agent: AgentContext) => {
  const select = { fieldSelector: `spec.nodeName=${agent.node}` };
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
    reconcile: (pass) => reconcile(agent, pass),
  });
};

/** A claim that may still want a disk, or has to give one back. */
const isOpen = ({ status }: LocalDiskClaim): boolean => status?.status !== 'Consumed';

async function reconcile(agent: AgentContext, pass: Pass<LocalDiskClaim>): Promise<Result> {
  const { object: claim, client, signal } = pass;
  if (claim.spec.owner !== undefined && !['', poolOwner].includes(claim.spec.owner)) {
    await pass.status.write(
      pendingClaim(
        claim,
        {
          reason: 'OwnerNotHandled',
          message: `Disks for owner ${claim.spec.owner} are not handed out here. Use owner ${poolOwner}.`,
        },
        pass.now(),
      ),
    );
    return done;
  }

  const disks = pass.cache.list(LocalDisk).filter(({ spec }) => spec.nodeName === agent.node);
  const pooled = await pooledDisks(agent, disks, signal);
  const { event, reason, message } = claimSight(claim, { disks, pooled });
  const { state, effects } = decide(localDiskClaimMachine, claim.status?.status, event);

  const times = { nowMs: pass.now(), generation: claim.metadata.generation };
  const before = claim.status === undefined ? undefined : { ...claim.status, state: claim.status.status ?? '' };
  const isDone = state === 'Consumed';
  const status = {
    ...claim.status,
    status: state satisfies LocalDiskClaimPhase,
    ...progressOf(before, state, { reason, message }, { nowMs: times.nowMs, ...(isDone ? {} : { deadlineMs }) }),
    conditions: withCondition(
      claim.status?.conditions,
      { type: 'Consumed', status: isDone ? 'True' : 'False', reason, message },
      times,
    ),
  };
  await pass.status.write(status);
  if (state !== (claim.status?.status ?? '')) pass.events.emit({ type: 'Normal', reason, message });

  const heldMs = heldBackMs(status, claim.metadata.generation, times.nowMs);
  if (heldMs > 0) return after(heldMs);
  const task = { agent, client, claim, disks, signal };
  const refused = await attempt(() => act<typeof localDiskClaimMachine>(effects, claimPerformers(task)), pass);
  if (state === 'Deleted' && effects.length > 0) return done;
  await pass.status.write(withTry(status, refused, { ...times, nowMs: pass.now() }));
  if (refused !== undefined) return after(refused.retryMs);
  if (effects.length > 0 || state !== claim.status?.status) return again;
  const isOld = isDone && times.nowMs - Date.parse(status.since ?? '') > keptMs;
  if (isOld) await client.delete(LocalDiskClaim, claim.metadata.name, { signal });
  return done;
}
