import { after, again, controller, done, type Pass, type Result } from '@dot-kube/operator';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { dataProtectionFinalizer } from '../../api/names.ts';
import { act, decide, legMachine, localVolumeReplicaMachine } from '../../machines/index.ts';
import { deletionBlockOf, inSyncCopyBlock, isReleased, sourceOfMoveBlock } from '../deletion-block.ts';
import { attempt, heldBackMs, withCondition, withTry } from '../progress.ts';
import { removeObject } from '../remove-object.ts';
import type { AgentContext } from './context.ts';
import { legPerformers } from './leg-effects.ts';
import { legEvent } from './leg-event.ts';
import { observeReplica, wishOf } from './observe-replica.ts';
import { replicaPerformers } from './replica-effects.ts';
import { replicaEvent } from './replica-event.ts';
import { hasDrbd, isCountedOn, isNeededAsSource } from './replica-facts.ts';
import { replicaStatus } from './replica-status.ts';

/** How often a pair in motion is looked at: its kernel tells nobody by itself. */
const pairMs = 2_000;
/** Passes at once: few, since changes of a pool go one after the other, and who waits for its turn may overrun its deadline. */
const concurrency = 4;
/** How often a replica is looked at when nothing tells that something changed. */
const lookMs = 30_000;

/** The replicas of this node: logical volumes, and the sides of pairs while a volume moves. */
export const localVolumeReplicaController = (agent: AgentContext) =>
  controller({
    name: 'local-volume-replica',
    resource: LocalVolumeReplica,
    select: { fieldSelector: `spec.nodeName=${agent.node}` },
    resyncMs: lookMs,
    concurrency,
    reconcile: (pass) => reconcile(agent, pass),
  });

async function reconcile(agent: AgentContext, pass: Pass<LocalVolumeReplica>): Promise<Result> {
  const { object: replica, client, signal } = pass;
  const { generation } = replica.metadata;
  const block = deletionBlockOf(replica);
  if (block?.released === true || (replica.spec.delete && isReleased(replica))) {
    await removeObject(client, LocalVolumeReplica, replica.metadata, dataProtectionFinalizer, signal);
    return done;
  }

  const ordered = wishOf(replica);
  const facts = await observeReplica(agent, client, replica, signal);
  const isCounted = isCountedOn(ordered, facts);
  const isKept = ordered.deleted && (isCounted || isNeededAsSource(ordered, facts));
  const wish = isKept ? { ...ordered, deleted: false } : ordered;
  const event = replicaEvent(wish, facts);
  // A deleted replica gives up its pair only after its logical volume was marked as deleted.
  const legSeen = wish.deleted && event.type !== 'delete.paired' ? undefined : legEvent(wish, facts);

  const life = decide(localVolumeReplicaMachine, replica.status?.state, event);
  const hasLeg = wish.pair !== undefined || hasDrbd(facts);
  const savedLeg = replica.status?.pair?.state;
  const leg = legSeen === undefined ? undefined : decide(legMachine, savedLeg, legSeen);
  const legState = hasLeg ? (leg?.state ?? savedLeg) : undefined;

  const times = { nowMs: pass.now(), generation };
  const seen = replicaStatus(replica, { state: life.state, leg: legState, event, facts }, times.nowMs);
  const kept = isCounted ? inSyncCopyBlock(replica.spec.volumeName) : sourceOfMoveBlock;
  const why = isKept ? kept : block?.why;
  const status =
    why === undefined
      ? seen
      : {
          ...seen,
          conditions: withCondition(seen.conditions, { type: 'DeletionBlocked', status: 'True', ...why }, times),
        };
  await pass.status.write(status);
  if (event.type === 'lv.untagged' && life.effects.length > 0)
    pass.events.emit({
      type: 'Normal',
      reason: 'Adopted',
      message: `Adopted logical volume ${replica.spec.volumeName}.`,
    });

  const heldMs = heldBackMs(status, generation, times.nowMs);
  if (heldMs > 0) return after(heldMs);
  const task = { agent, client, replica, facts, signal };
  const refused = await attempt(async () => {
    await act<typeof localVolumeReplicaMachine>(life.effects, replicaPerformers(task));
    if (leg !== undefined) await act<typeof legMachine>(leg.effects, legPerformers(task));
  }, pass);
  if (life.state === 'Deleted' && life.effects.length > 0) return done;
  await pass.status.write(withTry(status, refused, { nowMs: pass.now(), generation }));
  if (refused !== undefined) return after(refused.retryMs);

  const hasActed = life.effects.length > 0 || (leg?.effects.length ?? 0) > 0;
  const hasMoved = life.state !== replica.status?.state || legState !== savedLeg;
  if (hasActed || hasMoved) return again;
  if (legState !== undefined && legState !== 'Released') return after(pairMs);
  return done;
}
