import type { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import type { LocalVolumeConfig } from '../../api/local-volume.schema.ts';

interface ConfigFacts {
  readonly volumeName: string;
  readonly volumeId: string;
  readonly requiredCapacityBytes: number;
  /** Nodes that have, or get, the copies; the first is the primary one. */
  readonly on: readonly string[];
  /** All nodes, whose addresses replication uses. */
  readonly nodes: readonly LocalStorageNode[];
}

/** The first config of a volume's object. */
export const firstConfig = ({ on, nodes, ...facts }: ConfigFacts): LocalVolumeConfig => ({
  version: 1,
  ...facts,
  convertible: false,
  resourceID: -1,
  readyToInitialize: false,
  initialized: false,
  replicas: configReplicas(on, nodes),
});

export const configReplicas = (
  on: readonly string[],
  nodes: readonly LocalStorageNode[],
): LocalVolumeConfig['replicas'] =>
  on.map((hostname, id) => ({
    id,
    hostname,
    ip: nodes.find(({ metadata }) => metadata.name === hostname)?.spec.storageIP ?? '',
    primary: id === 0,
  }));
