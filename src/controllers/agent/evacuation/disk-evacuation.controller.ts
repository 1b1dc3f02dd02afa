import { after, controller, done, gone, lifecycle, type Pass } from '@dot-kube/operator';
import { type DiskEvacuationState, LocalDisk } from '../../../api/local-disk.schema.ts';
import { decide, diskEvacuationMachine, type EffectOf } from '../../../machines/index.ts';
import type { AgentContext } from '../context.ts';
import { evacuationPerformers } from './evacuation-effects.ts';
import { type EvacuationSight, evacuationSight } from './evacuation-event.ts';
import { type EvacuationFacts, isOrdered, observeEvacuation } from './evacuation-facts.ts';
import { evacuationStatus, news } from './evacuation-status.ts';

/** How often a disk that waits for something is looked at: room that came free tells nobody. */
const lookMs = 15_000;
/** Longer than the longest move of a piece, with looks before and after. */
const deadlineMs = 1_200_000;

interface Seen {
  readonly facts: EvacuationFacts;
  readonly sight: EvacuationSight;
}

/** On a LocalDisk whose evacuation has begun: the disk is opened again, and no move is left, before the object goes. */
const evacuationFinalizer = 'hwameistor.io/evacuation-protection';
const underWay: readonly (DiskEvacuationState | undefined)[] = ['Emptying', 'Removing', 'Aborting'];
const isUnderWay = ({ status }: LocalDisk): boolean => underWay.includes(status?.evacuation?.state);

/**
 * Disks of this node that leave their pool. One pass moves one piece and no more: whether the order still stands, the
 * room is there and the group is whole is looked at before each.
 */
export const diskEvacuationController = (agent: AgentContext) => {
  const live = lifecycle<LocalDisk, Seen, DiskEvacuationState, EffectOf<typeof diskEvacuationMachine>>({
    observe: (pass) => observe(agent, pass),
    stateOf: ({ status }) => status?.evacuation?.state,
    decide: (saved, { sight }) => decide(diskEvacuationMachine, saved, sight.event),
    status: evacuationStatus,
    announce: (object, look) => {
      const told = news(object, look);
      return told && { type: look.facts.sight.blocker === undefined ? 'Normal' : 'Warning', ...told };
    },
    perform: ({ object, client, signal }, { facts }) => evacuationPerformers({ agent, client, object, facts, signal }),
    rest: ({ facts: { facts, sight } }) => (sight.event.type === 'extents.resting' ? after(facts.restMs) : done),
  });
  return controller({
    name: 'disk-evacuation',
    resource: LocalDisk,
    select: { fieldSelector: `spec.nodeName=${agent.node}` },
    resyncMs: lookMs,
    deadlineMs,
    // One piece at a time on the whole node.
    concurrency: 1,
    finalizer: {
      name: evacuationFinalizer,
      holds: isUnderWay,
      cleanUp: async (pass) => (isUnderWay(pass.object) ? live(pass) : gone),
    },
    reconcile: live,
  });
};

/** A disk that nobody wants to leave, and that has nothing to undo, is not looked at. */
async function observe(agent: AgentContext, { object, now, signal }: Pass<LocalDisk>): Promise<Seen | undefined> {
  const { evacuation } = object.status ?? {};
  if (evacuation === undefined && !isOrdered(object)) return undefined;
  const facts = await observeEvacuation(agent, object, now(), signal);
  return { facts, sight: evacuationSight(object, facts, evacuation?.state ?? 'Waiting', agent.cluster.clusterId) };
}
