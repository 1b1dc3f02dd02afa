import type { PodBinaries } from '../../scripts/setup/go-commands.ts';
import type { ControlPlaneBinaries } from './control-plane/index.ts';
import type { UmlTools } from './uml/tools.ts';

const mib = 1024 * 1024;

/** One disk of a node as its kernel and udev show it. What is left out is empty, as with disks that tell nothing. */
export interface DiskSpec {
  readonly sizeBytes: number;
  readonly serial?: string | undefined;
  readonly wwn?: string | undefined;
  readonly vendor?: string | undefined;
  readonly model?: string | undefined;
  /** true: a spinning disk. */
  readonly rotational: boolean;
}

export interface NodeSpec {
  readonly name: string;
  /** 1 for the first node; addresses follow from it. */
  readonly number: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly disks: readonly DiskSpec[];
}

/** All that a supervisor has to know; written by whoever starts it. */
export interface LabConfig {
  readonly name: string;
  readonly nodes: readonly NodeSpec[];
  readonly memoryMiB: number;
  /** Left out: machines only, no Kubernetes. */
  readonly cluster?: ClusterConfig | undefined;
  readonly tools: UmlTools;
}

export interface ClusterConfig {
  readonly binaries: Required<ControlPlaneBinaries>;
  /** On the loopback address of the machine; the keeper chooses it. */
  readonly forwardedPort: number;
  /** Left out: a stand-in keeps the nodes Ready, and they run no pods. */
  readonly pods?: PodsConfig | undefined;
}

/** What nodes with real kubelets need. */
export interface PodsConfig {
  readonly binaries: PodBinaries;
  /** Archive of the images that pods may use; there is no registry. */
  readonly images: string;
}

/** The disk called `letter` of a node, with a serial and a WWN of its own. */
export function spinningDisk(node: NodeSpec['number'], letter: string, sizeBytes = 1024 * mib): DiskSpec {
  return {
    sizeBytes,
    serial: `LAB${node}${letter.toUpperCase()}`,
    wwn: `0x5000c500000${String(node).padStart(3, '0')}${letter.charCodeAt(0).toString(16).padStart(2, '0')}`,
    vendor: 'LAB',
    model: 'Spinning-Disk',
    rotational: true,
  };
}

export function defaultNodes(count: number): NodeSpec[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    const name = `node${number}`;
    return { name, number, labels: {}, disks: [spinningDisk(number, 'b'), spinningDisk(number, 'c')] };
  });
}
