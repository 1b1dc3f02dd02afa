import { isDeepStrictEqual } from 'node:util';
import { after, controller, done, gone, lifecycle, type Pass, type Result, watch } from '@dot-kube/operator';
import {
  type LegState,
  LocalVolumeReplica,
  type LocalVolumeReplicaState,
} from '../../../api/local-volume-replica.schema.ts';
import { LocalStorageNode } from '../../../api/local-storage-node.schema.ts';
import { dataProtectionFinalizer, replicaName } from '../../../api/names.ts';
import {
  decide,
  type EffectOf,
  legMachine,
  type LocalVolumeReplicaEvent,
  localVolumeReplicaMachine,
} from '../../../machines/index.ts';
import { deletionBlockOf, inSyncCopyBlock, isReleased, sourceOfMoveBlock } from '../../deletion-block.ts';
import type { Why } from '../../progress.ts';
import type { AgentContext } from '../context.ts';
import { legPerformers } from './leg-effects.ts';
import { legEvent } from './leg-event.ts';
import { observeReplica, wishOf } from './observe-replica.ts';
import { replicaPerformers } from './replica-effects.ts';
import { replicaEvent } from './replica-event.ts';
import { hasDrbd, isCountedOn, isNeededAsSource, type ReplicaFacts, type ReplicaWish } from './replica-facts.ts';
import { replicaStatus } from './replica-status.ts';

/** How often a pair in motion is looked at: its kernel tells nobody by itself. */
const pairMs = 2_000;
/** Passes at once: few, since changes of a pool go one after the other, and who waits for its turn may overrun its deadline. */
const concurrency = 4;
/** How often a replica is looked at when nothing tells that something changed. */
const lookMs = 30_000;

/** A replica lives twice: as a logical volume, and as one side of a pair while its volume moves. */
interface States {
  readonly life: LocalVolumeReplicaState | undefined;
  readonly leg: LegState | undefined;
}

interface Seen {
  readonly wish: ReplicaWish;
  readonly facts: ReplicaFacts;
  readonly event: LocalVolumeReplicaEvent;
  readonly block: Why | undefined;
}

type Effect = EffectOf<typeof localVolumeReplicaMachine> | EffectOf<typeof legMachine>;

/** The replicas of this node: logical volumes, and the sides of pairs while a volume moves. */
export const localVolumeReplicaController = (agent: AgentContext) => {
  const live = lifecycle<LocalVolumeReplica, Seen, States, Effect>({
    observe: (pass) => observe(agent, pass),
    stateOf: ({ status }) => ({ life: status?.state, leg: status?.pair?.state }),
    decide: decideBoth,
    status: replicaStatus,
    announce: ({ spec }, { effects }) =>
      effects.some(({ type }) => type === 'adoptLogicalVolume')
        ? { type: 'Normal', reason: 'Adopted', message: `Adopted logical volume ${spec.volumeName}.` }
        : undefined,
    perform: ({ object: replica, client, signal }, { facts }) => {
      const task = { agent, client, replica, facts, signal };
      return { ...replicaPerformers(task), ...legPerformers(task) };
    },
    rest: ({ state: { leg } }) => (leg === undefined || leg === 'Released' ? done : after(pairMs)),
  });
  const unlessGivenUp = async (pass: Pass<LocalVolumeReplica>): Promise<Result> =>
    isGivenUp(pass.object) ? gone : live(pass);
  return controller({
    name: 'local-volume-replica',
    resource: LocalVolumeReplica,
    select: { fieldSelector: `spec.nodeName=${agent.node}` },
    watches: [
      watch(LocalStorageNode, (node) => hurtOn(node).map((volume) => replicaName(volume, agent.node)), {
        fieldSelector: `metadata.name=${agent.node}`,
        when: (before, now) => !isDeepStrictEqual(hurtOn(before), hurtOn(now)),
      }),
    ],
    resyncMs: lookMs,
    concurrency,
    finalizer: { name: dataProtectionFinalizer, cleanUp: unlessGivenUp },
    reconcile: unlessGivenUp,
  });
};

/** Volumes of a node that miss a disk. */
const hurtOn = (node: Readonly<LocalStorageNode> | undefined): string[] =>
  Object.values(node?.status?.pools ?? {}).flatMap(({ hurtVolumes = [] }) => hurtVolumes);

/** A person gave the object up, tombstone and all: it goes whatever stands on the node. */
const isGivenUp = (replica: LocalVolumeReplica): boolean =>
  deletionBlockOf(replica)?.released === true || (replica.spec.delete && isReleased(replica));

async function observe(agent: AgentContext, pass: Pass<LocalVolumeReplica>): Promise<Seen> {
  const { object: replica, client, cache, signal } = pass;
  const node = cache.list(LocalStorageNode).find(({ metadata }) => metadata.name === agent.node);
  const pool = node?.status?.pools?.[replica.spec.poolName];
  const ordered = wishOf(replica);
  const facts = await observeReplica(agent, client, replica, signal, pool);
  const isCounted = isCountedOn(ordered, facts);
  const isKept = ordered.deleted && (isCounted || isNeededAsSource(ordered, facts));
  const wish = isKept ? { ...ordered, deleted: false } : ordered;
  const kept = isCounted ? inSyncCopyBlock(replica.spec.volumeName) : sourceOfMoveBlock;
  return { wish, facts, event: replicaEvent(wish, facts), block: isKept ? kept : deletionBlockOf(replica)?.why };
}

function decideBoth(saved: States | undefined, { wish, facts, event }: Seen): { state: States; effects: Effect[] } {
  const life = decide(localVolumeReplicaMachine, saved?.life, event);
  // A deleted replica gives up its pair only after its logical volume was marked as deleted.
  const legSeen = wish.deleted && event.type !== 'delete.paired' ? undefined : legEvent(wish, facts);
  const leg = legSeen === undefined ? undefined : decide(legMachine, saved?.leg, legSeen);
  const hasLeg = wish.pair !== undefined || hasDrbd(facts);
  return {
    state: { life: life.state, leg: hasLeg ? (leg?.state ?? saved?.leg) : undefined },
    effects: [...life.effects, ...(leg?.effects ?? [])],
  };
}
