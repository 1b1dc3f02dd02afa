import type { DiskSpec } from './config.ts';
import type { ComponentName } from './control-plane/index.ts';
import type { GuestRequest, ProgramSpec } from './guest/requests.ts';
import type { DiskFault } from './supervisor/disks.ts';
import type { Power } from './supervisor/uml-node.ts';

// What a lab's supervisor is asked over its socket, and what it answers.

export const powerVerbs = ['kill', 'boot', 'shutdown', 'cut', 'heal', 'freeze', 'thaw'] as const;
export type PowerVerb = (typeof powerVerbs)[number];

export type LabRequest =
  /** Answered when the lab is up; progress comes as stderr. */
  | { readonly op: 'ready' }
  | { readonly op: 'status' }
  | { readonly op: 'stop' }
  | { readonly op: PowerVerb; readonly node: string }
  | { readonly op: 'addDisk'; readonly node: string; readonly disk: DiskSpec }
  | { readonly op: 'removeDisk'; readonly node: string; readonly device: string }
  | { readonly op: 'setDiskFault'; readonly node: string; readonly device: string; readonly fault: DiskFault }
  | { readonly op: 'startProgram'; readonly node: string; readonly program: ProgramSpec }
  | {
      readonly op: 'endProgram';
      readonly node: string;
      readonly name: string;
      readonly signal: NodeJS.Signals;
      readonly forget: boolean;
    }
  /** A program beside the control plane, in the lab's network but on no node. */
  | { readonly op: 'startLabProgram'; readonly program: ProgramSpec }
  | { readonly op: 'endLabProgram'; readonly name: string; readonly signal: NodeJS.Signals; readonly forget: boolean }
  | { readonly op: 'labPrograms' }
  | { readonly op: 'startComponent' | 'stopComponent'; readonly component: ComponentName }
  | { readonly op: 'startKubelet' | 'stopKubelet'; readonly node: string }
  /** Passed on to the node's guest service, whose frames answer. */
  | { readonly op: 'guest'; readonly node: string; readonly request: GuestRequest };

export interface NodeStatus {
  readonly name: string;
  readonly number: number;
  readonly power: Power;
  readonly connected: boolean;
  readonly address: string;
  readonly disks: readonly {
    readonly device: string;
    readonly serial?: string | undefined;
    readonly sizeBytes: number;
    readonly fault: DiskFault;
  }[];
}

export interface LabStatus {
  readonly name: string;
  readonly controlPlane: boolean;
  /** Its nodes have real kubelets. */
  readonly pods: boolean;
  readonly nodes: readonly NodeStatus[];
}
