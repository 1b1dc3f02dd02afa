export { defaultNodes, spinningDisk } from './config.ts';
export type { DiskSpec, NodeSpec } from './config.ts';
export { connectLab, startLab } from './lab.ts';
export { liveLabs } from './state-folder.ts';
export type { KubectlOptions, KubectlResult } from './kubectl.ts';
export type { ProgramSpec, ProgramStatus } from './guest/requests.ts';
export type { ExecOptions, ExecResult, Lab, LabNode, OwnedLab, StartOptions } from './lab.ts';
export { forgetScsiDisks, scsiDisks } from './scsi-disks.ts';
export type { ScsiDisk } from './scsi-disks.ts';
