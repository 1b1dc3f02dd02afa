import { checkDevice, probeDisk } from './disk/probe.ts';
import { scan } from './disk/scan.ts';
import { diskContent, wipeDisk } from './disk/wipe.ts';
import { isHeldExclusively } from './disk/wipefs.ts';
import { drbdTools } from './drbd/index.ts';
import { probeVolume } from './fs/probe.ts';
import { lvmTools } from './lvm/index.ts';
import type { Run, RunOptions } from './run.ts';
import type { HostTools } from './tools.ts';

export interface HostToolsOptions {
  /** How commands are run on the host, e.g. `hostRun({ prefix: await hostPrefix() })`. */
  readonly run: Run;
  /** Kubernetes' name of this node. */
  readonly nodeName: string;
  /** The host's own name (`uname -n`); the node's name when left out. */
  readonly hostname?: string;
}

/** The real tools of this node. Make one a process: it is what keeps changes of one group or resource in turn. */
export function hostTools({ run, nodeName, hostname = nodeName }: HostToolsOptions): HostTools {
  const lvm = lvmTools(run, (device, command, options) => checkDevice(run, device, command, options));
  const wiper = {
    run,
    isHeldExclusively: (path: string, options: RunOptions) => isHeldExclusively(run, path, options),
    physicalVolumes: lvm.physicalVolumes,
  };
  return {
    disks: {
      scan: (signal) => scan(run, { signal }),
      probe: (path, signal) => probeDisk(run, path, { signal }),
      content: (path, signal) => diskContent(wiper, path, { signal }),
      wipe: (wanted, signal) => wipeDisk(wiper, wanted, { signal }),
    },
    lvm,
    drbd: drbdTools(run, { node: nodeName, hostname }),
    fs: { probe: (device, signal) => probeVolume(run, device, { signal }) },
  };
}
