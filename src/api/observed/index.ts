/** What a node observes of itself. Plain values: sizes in bytes, lists sorted, absent where nothing was seen. */
export type * from './block-device.ts';
export type * from './disk-content.ts';
export type * from './disk-report.ts';
export * from './drbd.ts';
export * from './lvm.ts';
export type * from './mount.ts';
export type * from './operating-system.ts';
export type * from './signature-probe.ts';
