import type { Client, PerformersOf } from '@dot-kube/operator';
import { LocalDisk } from '../../../api/local-disk.schema.ts';
import { evictionLabel } from '../../../api/names.ts';
import type { diskEvacuationMachine, EffectOf } from '../../../machines/index.ts';
import type { AgentContext } from '../context.ts';
import type { EvacuationFacts, PooledDisk } from './evacuation-facts.ts';
import { nextPiece } from './evacuation-piece.ts';

interface EvacuationTask {
  readonly agent: AgentContext;
  readonly client: Client;
  readonly object: LocalDisk;
  readonly facts: EvacuationFacts;
  readonly signal: AbortSignal;
}

export const evacuationPerformers = ({ agent, client, object, facts, signal }: EvacuationTask) => {
  const { lvm } = agent.tools;
  /** The disk that was observed; effects that change the group are asked for only where it is in one. */
  const pooled = (): PooledDisk => {
    if (facts.place.kind !== 'pooled') throw new Error(`${object.metadata.name} was not observed in a pool`);
    return facts.place;
  };
  const place = () => ({ volumeGroup: pooled().group, physicalVolume: pooled().disk });
  const source = () => ({ volumeGroup: pooled().group, from: pooled().disk });
  return {
    closeDisk: () => lvm.changeAllocation({ ...place(), allocatable: false }, signal),
    openDisk: () => lvm.changeAllocation({ ...place(), allocatable: true }, signal),
    moveExtents: async () => {
      const piece = nextPiece(pooled());
      if (piece === undefined) throw new Error(`${object.metadata.name}: nothing was found that could be moved`);
      await lvm.moveExtents({ ...source(), ...piece }, signal);
    },
    finishMove: () => lvm.finishMove(source(), signal),
    abortMove: () => lvm.abortMove(source(), signal),
    leaveGroup: () => lvm.reduceVolumeGroup(place(), signal),
    // The order is carried out with this: it must not count for the disk when that is put to use again. Nor must the
    // physical volume: without its label a disk that tells nothing of itself would be taken for another one.
    reserveDisk: () =>
      client.patch(LocalDisk, object.metadata.name, {
        metadata: { labels: { [evictionLabel]: null } },
        spec: { reserved: true, claimRef: null, pvUUID: null },
      }),
    removeLabel: async () => {
      const uuid = object.status?.evacuation?.physicalVolume;
      if (uuid === undefined || facts.device === undefined)
        throw new Error(`${object.metadata.name} was not observed out of its pool`);
      await lvm.removePhysicalVolume({ uuid, device: facts.device }, signal);
    },
  } satisfies PerformersOf<EffectOf<typeof diskEvacuationMachine>>;
};
