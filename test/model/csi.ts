import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { controllerHandlers } from '../../src/csi/controller/service.ts';
import {
  ControllerExpandVolumeRequestSchema,
  CreateVolumeRequestSchema,
  DeleteVolumeRequestSchema,
  GetCapacityRequestSchema,
  ListVolumesRequestSchema,
  ValidateVolumeCapabilitiesRequestSchema,
  VolumeCapability_AccessMode_Mode as Mode,
} from '../../src/csi/proto/csi_pb.js';
import { mib } from '../../src/api/units.ts';
import type { ModelCluster, RunOptions } from './cluster.ts';

/** As a call of a provisioner that never gives up. */
const { signal: patient } = new AbortController();

/** What the provisioner and the resizer call, on one process of the controller. */
export function sidecars(cluster: ModelCluster) {
  const handlers = controllerHandlers({ client: cluster.api.client(), clock: cluster.clock });
  return {
    createVolume: (request: MessageInitShape<typeof CreateVolumeRequestSchema>, signal = patient) =>
      handlers.createVolume(create(CreateVolumeRequestSchema, request), signal),
    deleteVolume: (volumeId: string) => handlers.deleteVolume(create(DeleteVolumeRequestSchema, { volumeId }), patient),
    expandVolume: (volumeId: string, bytes: number) =>
      handlers.controllerExpandVolume(
        create(ControllerExpandVolumeRequestSchema, { volumeId, capacityRange: { requiredBytes: BigInt(bytes) } }),
        patient,
      ),
    roomFor: (poolClass: string, node?: string) =>
      handlers.getCapacity(
        create(GetCapacityRequestSchema, {
          parameters: { poolClass },
          ...(node === undefined ? {} : { accessibleTopology: onNode(node) }),
        }),
      ),
    listVolumes: (maxEntries: number, startingToken = '') =>
      handlers.listVolumes(create(ListVolumesRequestSchema, { maxEntries, startingToken }), patient),
    validate: (volumeId: string, modes: readonly Mode[]) =>
      handlers.validateVolumeCapabilities(
        create(ValidateVolumeCapabilitiesRequestSchema, {
          volumeId,
          volumeCapabilities: modes.map((mode) => ({
            accessMode: { mode },
            accessType: { case: 'block' as const, value: {} },
          })),
        }),
        patient,
      ),
  };
}

export const onNode = (node: string) => ({ segments: { 'topology.lvm.hwameistor.io/node': node } });

/** A claim's volume of 100 MiB, on that node if one is named. */
export const claimed = (name: string, node?: string, bytes = mib(100)) => ({
  name,
  capacityRange: { requiredBytes: BigInt(bytes) },
  volumeCapabilities: [
    {
      accessMode: { mode: Mode.SINGLE_NODE_WRITER },
      accessType: { case: 'mount' as const, value: { fsType: 'ext4' } },
    },
  ],
  parameters: {
    poolClass: 'HDD',
    replicaNumber: '1',
    'csi.storage.k8s.io/pvc/name': `claim-of-${name}`,
    'csi.storage.k8s.io/pvc/namespace': 'default',
  },
  ...(node === undefined
    ? {}
    : { accessibilityRequirements: { requisite: [onNode(node)], preferred: [onNode(node)] } }),
});

const stepMs = 5_000;
const mostSteps = 40;

/** Lets the cluster work until the calls are answered. @returns each answer, or what it was refused with */
export async function answered<T>(
  cluster: ModelCluster,
  calls: readonly Promise<T>[],
  options: RunOptions = {},
): Promise<(T | Error)[]> {
  let isOver = false;
  const all = Promise.allSettled(calls).finally(() => (isOver = true));
  const hasEnded = (): boolean => isOver;
  for (let step = 0; step < mostSteps && !hasEnded(); step += 1) await cluster.run({ forMs: stepMs, ...options });
  if (!hasEnded()) throw new Error(`calls are not answered after ${(mostSteps * stepMs) / 1000} s`);
  return (await all).map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as Error)));
}
