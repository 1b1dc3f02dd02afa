import type { FreshHosts } from './bench.ts';
import { disksContract } from './disks.contract.ts';
import { drbdContract } from './drbd.contract.ts';
import { fileSystemsContract } from './file-systems.contract.ts';
import { heldUpContract } from './held-up.contract.ts';
import { lvmContract } from './lvm.contract.ts';
import { physicalVolumesContract } from './physical-volumes.contract.ts';
import { wipeContract } from './wipe.contract.ts';

export type { ContractHost, ContractPair, FreshHosts } from './bench.ts';

/**
 * What host tools promise, as cases for whoever implements them: the simulated host and the real tools both pass all of
 * them, so that the simulation can't drift.
 */
export function hostToolsContract(freshHosts: FreshHosts): void {
  disksContract(freshHosts);
  wipeContract(freshHosts);
  lvmContract(freshHosts);
  physicalVolumesContract(freshHosts);
  heldUpContract(freshHosts);
  fileSystemsContract(freshHosts);
  drbdContract(freshHosts);
}
