import { type Client, type Clock, systemClock } from '@dot-kube/operator';
import { offer, type Offered } from '../grpc/server.ts';
import { Controller, ControllerServiceCapability_RPC_Type as Rpc } from '../proto/csi_pb.js';
import { createVolume } from './create-volume.ts';
import { deleteVolume } from './delete-volume.ts';
import { controllerExpandVolume } from './expand-volume.ts';
import { getCapacity } from './get-capacity.ts';
import { listVolumes } from './list-volumes.ts';
import { sharedPoolView } from './pool-view.ts';
import { answerMs, type Task } from './task.ts';
import { validateVolumeCapabilities } from './validate-volume-capabilities.ts';

const capabilities: readonly Rpc[] = [
  Rpc.CREATE_DELETE_VOLUME,
  Rpc.LIST_VOLUMES,
  Rpc.GET_CAPACITY,
  Rpc.EXPAND_VOLUME,
  Rpc.VOLUME_CONDITION,
  Rpc.SINGLE_NODE_MULTI_WRITER,
];

/** What the sidecars call: it writes objects, and waits for what the controllers and agents make of them. */
export function controllerHandlers({ client, clock = systemClock }: { client: Client; clock?: Clock }) {
  const within =
    <Request, Response>(call: (task: Task, request: Request) => Promise<Response>) =>
    async (request: Request, signal: AbortSignal): Promise<Response> => {
      const overdue = new AbortController();
      const cancel = clock.timer(answerMs, () => overdue.abort());
      try {
        return await call({ client, clock, signal, overdue: overdue.signal }, request);
      } finally {
        cancel();
      }
    };
  const look = sharedPoolView(client, clock);
  return {
    createVolume: within(createVolume),
    deleteVolume: within(deleteVolume),
    validateVolumeCapabilities: within(validateVolumeCapabilities),
    listVolumes: within(listVolumes),
    getCapacity: (request: Parameters<typeof getCapacity>[1]) => getCapacity(look, request),
    controllerExpandVolume: within(controllerExpandVolume),
    controllerGetCapabilities: async () => ({
      capabilities: capabilities.map((type) => ({ type: { case: 'rpc' as const, value: { type } } })),
    }),
  };
}

export const controllerService = (options: Parameters<typeof controllerHandlers>[0]): Offered =>
  offer(Controller, controllerHandlers(options));
