import type { IsHeldExclusively } from './disk/exclusive-open.ts';
import { monitorDisks } from './disk/monitor.ts';
import { checkDevice, probeDisk } from './disk/probe.ts';
import { scan } from './disk/scan.ts';
import { smartctl } from './disk/smartctl.ts';
import { diskContent, wipeDisk } from './disk/wipe.ts';
import { drbdTools } from './drbd/index.ts';
import type { Follow } from './follow.ts';
import { fileSystemTools } from './fs/index.ts';
import { lvmTools } from './lvm/index.ts';
import { loadDeviceMapper } from './os/device-mapper.ts';
import { release } from './os/release.ts';
import type { HostFiles } from './host-files.ts';
import type { Run } from './run.ts';
import type { HostTools } from './tools.ts';

export interface HostToolsOptions {
  /** How commands are run on the host, e.g. `hostRun({ prefix: await hostPrefix() })`. */
  readonly run: Run;
  /** How its files are read, e.g. `hostFiles()`. */
  readonly files: HostFiles;
  /** How programs that go on by themselves are run there. */
  readonly follow: Follow;
  /** How a device of the host is opened, e.g. `exclusiveOpen()`. */
  readonly isHeldExclusively: IsHeldExclusively;
  /** Kubernetes' name of this node. */
  readonly nodeName: string;
  /** The host's own name (`uname -n`); the node's name when left out. */
  readonly hostname?: string;
}

/** The real tools of this node. Make one a process: it is what keeps changes of one group or resource in turn. */
export function hostTools(options: HostToolsOptions): HostTools {
  const { run, files, follow, isHeldExclusively, nodeName, hostname = nodeName } = options;
  const prober = { run, isHeldExclusively };
  const lvm = lvmTools(run, (device, command, options) => checkDevice(prober, device, command, options));
  const wiper = { ...prober, physicalVolumes: lvm.physicalVolumes };
  return {
    disks: {
      scan: (signal) => scan(run, { signal }),
      probe: (path, signal) => probeDisk(prober, path, { signal }),
      selfReport: (path, signal) => smartctl(run, path, { signal }),
      content: (path, signal) => diskContent(wiper, path, { signal }),
      wipe: (wanted, signal) => wipeDisk(wiper, wanted, { signal }),
      watch: (onChange, signal) => monitorDisks(follow, onChange, signal),
    },
    lvm,
    drbd: drbdTools({ run, files }, { node: nodeName, hostname }),
    fs: fileSystemTools({ run, files }),
    os: {
      release: () => release(files),
      loadDeviceMapper: (signal) => loadDeviceMapper(run, files, { signal }),
    },
  };
}
