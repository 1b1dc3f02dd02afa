import { hostTools } from '../../../src/node/host-tools.ts';
import { unwipedTag } from '../../../src/api/tags.ts';
import { CommandError } from '../../../src/node/errors.ts';
import type { IsHeldExclusively } from '../../../src/node/disk/exclusive-open.ts';
import type { Follow } from '../../../src/node/follow.ts';
import type { HostFiles } from '../../../src/node/host-files.ts';
import type { Run } from '../../../src/node/run.ts';
import { forgetScsiDisks, type Lab, type LabNode } from '../../lab/index.ts';
import type { ContractHost } from '../../contract/host-tools.contract.ts';

const mib = 1024 ** 2;
export const nodeDisks = ['/dev/ubdb', '/dev/ubdc'] as const;

/** lvm would complain of every file that its caller has open. */
const quietLvm = { env: { LVM_SUPPRESS_FD_WARNINGS: '1' } };

/** Where a test writes its word: past what a file system's or a table's signature would take. */
const wordAt = 3 * mib;

/** Host commands of the product, run inside a lab node. */
export function runIn(node: LabNode): Run {
  return async (program, args, { signal, timeoutMs = 60_000, input }) => {
    const command = [program, ...args].join(' ');
    const env = { LVM_SUPPRESS_FD_WARNINGS: '1' };
    const done = await node.exec([program, ...args], { signal, timeoutMs, input, env }).catch((cause: unknown) => {
      throw signal.aborted ? new CommandError({ code: 'ABORTED', command, cause }) : cause;
    });
    const { exitCode, timedOut, stdout, stderr } = done;
    if (timedOut) throw new CommandError({ code: 'TIMED_OUT', command, stderr });
    if (exitCode === undefined) throw new CommandError({ code: 'FAILED', command, stderr: `ended by ${done.signal}` });
    return { exitCode, stdout, stderr };
  };
}

/** Files of a lab node. The product reads them by itself, which it can't from outside of the node. */
export function filesIn(node: LabNode): HostFiles {
  const refuse = (path: string, stderr: string): never => {
    throw new CommandError({ code: 'FAILED', command: `read ${path}`, stderr });
  };
  return {
    read: async (path) => {
      const { exitCode, stdout, stderr } = await node.exec(['cat', path]);
      if (exitCode === 0) return stdout;
      return stderr.includes('No such file') ? undefined : refuse(path, stderr);
    },
    readAll: async (folder, suffix) => {
      const matching = ['--recursive', '--text', '--with-filename', `--include=*${suffix}`, '-e', '', folder];
      const { exitCode, stdout, stderr } = await node.exec(['grep', ...matching]);
      if (exitCode !== 0 && exitCode !== 1 && !stderr.includes('No such file')) refuse(folder, stderr);
      const texts = new Map<string, string>();
      for (const line of stdout.split('\n')) {
        const end = line.indexOf(`${suffix}:`) + suffix.length;
        const path = line.slice(0, end);
        if (end >= suffix.length) texts.set(path, `${texts.get(path) ?? ''}${line.slice(end + 1)}\n`);
      }
      return texts;
    },
  };
}

/** A host program of the product that goes on by itself, inside a lab node. */
function followIn(node: LabNode): Follow {
  return async (program, args, { signal, onLine }) => {
    let begun = '';
    const onStdout = (chunk: Uint8Array): void => {
      const lines = (begun + Buffer.from(chunk).toString()).split('\n');
      begun = lines.pop() ?? '';
      lines.forEach(onLine);
    };
    await node.exec([program, ...args], { signal, timeoutMs: 600_000, onStdout }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  };
}

const exclusiveOpenFile = new URL('../../../src/node/disk/exclusive-open.ts', import.meta.url).pathname;

/** The product's own look, by a process inside the node. */
function isHeldExclusivelyIn(node: LabNode): IsHeldExclusively {
  return async (path) => {
    const script = `
      import { exclusiveOpen } from '${exclusiveOpenFile}';
      console.log(await exclusiveOpen()('${path}'));`;
    return (await node.run([process.execPath, '--input-type=module', '--eval', script])).trim() === 'true';
  };
}

/** The real tools on the real kernel of a lab node. */
export const toolsOf = (node: LabNode) =>
  hostTools({
    run: runIn(node),
    files: filesIn(node),
    follow: followIn(node),
    isHeldExclusively: isHeldExclusivelyIn(node),
    nodeName: node.name,
  });

/** A lab node as the contract wants it. */
export function contractHost(node: LabNode, ip: string): ContractHost {
  return {
    node: node.name,
    ip,
    tools: toolsOf(node),
    disks: nodeDisks,
    makeFileSystem: async (path, type) => {
      await node.run([`mkfs.${type}`, '-q', path]);
      await node.run(['udevadm', 'settle']);
    },
    makePartition: async (disk) => {
      await node.run(['sfdisk', '-q', disk], { input: 'label: gpt\ntype=E6D6D379-F507-44C2-A23C-238F2A3DF928\n' });
      await node.run(['udevadm', 'settle']);
      return `${disk}1`;
    },
    hold: async (path) => {
      // An open for reading holds a device as well as a mount does, and is let go of by one kill. The shell opens it
      // before the process is there, so it is held when this returns.
      const pid = await node.shell(`exec 9< ${path}; sleep 1000 <&9 > /dev/null 2>&1 & echo $!`);
      return async () => {
        await node.shell(endProcess(pid.trim()));
      };
    },
    fingerprint: async (path) => node.shell(`head -c ${mib} ${path} | sha256sum`),
    write: async (path, word) => {
      await node.run(['dd', `of=${path}`, 'oflag=seek_bytes', `seek=${wordAt}`, 'conv=fsync,notrunc', 'status=none'], {
        input: word.padEnd(512, '\0'),
      });
    },
    read: async (path) => {
      const from = ['iflag=skip_bytes', `skip=${wordAt}`, 'bs=512', 'count=1', 'status=none'];
      return (await node.run(['dd', `if=${path}`, ...from])).replaceAll('\0', '');
    },
    interruptCreation: async ({ volumeGroup, name, sizeBytes, tags }) => {
      const tagged = [...tags, unwipedTag].flatMap((tag) => ['--addtag', tag]);
      const unwiped = ['--wipesignatures', 'n', '--zero', 'n'];
      await node.run(
        ['lvcreate', '-qq', ...unwiped, '--name', name, '--size', `${sizeBytes}b`, ...tagged, volumeGroup.name],
        quietLvm,
      );
    },
    interruptMove: async ({ volume, from, extents, to }) => {
      await node.shell(cutShort(['--name', volume, `${from}:0-${extents - 1}`, to]), {
        ...quietLvm,
        timeoutMs: 120_000,
      });
    },
    suspend: async (path) => {
      await node.run(['dmsetup', 'suspend', path]);
      return async () => {
        await node.run(['dmsetup', 'resume', path]);
      };
    },
    coverSuspended: (disk) => coverSuspended(node, disk),
    lockGroup: (name) => lockGroup(node, name),
    failReads: async (path) => {
      await node.disks.fail(path, 'reads');
      return () => node.disks.fail(path, 'none');
    },
    shrinkPhysicalVolume: async (path) => {
      await node.run(['pvresize', '-qq', '--yes', '--setphysicalvolumesize', '256m', path], quietLvm);
    },
    leaveOutMetadata: async (path) => {
      await node.run(['pvchange', '-qq', '--metadataignore', 'y', path], quietLvm);
    },
    copyDisk: async (from, to) => {
      await node.shell(`dd if=${from} of=${to} bs=1M count=4 conv=fsync,notrunc status=none; udevadm settle`);
    },
    deactivate: async (path) => {
      await node.run(['lvchange', '-qq', '--activate', 'n', path], quietLvm);
    },
    powerLoss: async () => {
      await node.kill();
      await node.boot();
    },
    addForeignResourceFile: async (path, { name = 'theirs', minor = 900, port = 7900 }) => {
      const text = `resource ${name} { device minor ${minor}; disk none; on x { address 192.0.2.1:${port}; } }\n`;
      await node.run(['dd', `of=${path}`, 'status=none'], { input: text });
    },
    deleteResourceFile: async (path) => {
      await node.run(['rm', path]);
    },
    runForeignResource: async (name, minor) => {
      await node.run(['drbdsetup', 'new-resource', name]);
      await node.run(['drbdsetup', 'new-minor', name, String(minor), '0']);
    },
  };
}

/** As a multipath device whose paths are all gone: lvm finds it, and would wait for what it reads there. */
export async function coverSuspended(node: LabNode, disk: string): Promise<() => Promise<void>> {
  await node.shell(`
    dmsetup create covered --table "0 $(blockdev --getsz ${disk}) linear ${disk} 0"
    udevadm settle
    dmsetup suspend covered`);
  return async () => {
    await node.shell('dmsetup resume covered; udevadm settle; dmsetup remove --retry covered');
  };
}

/** Takes lvm's lock of a volume group and prints the process that keeps it. */
export const keepLock = (group: string): string => `
  file=/run/lock/lvm/V_${group}
  # lvm deletes the file when it lets go of the lock: what was locked may be no file any more.
  until exec 9> $file && flock 9 && [ "$(stat -L -c %i /proc/self/fd/9)" = "$(stat -c %i $file)" ]; do :; done
  sleep 1000 <&9 > /dev/null 2>&1 & echo $!`;

/** Keeps lvm's lock of a volume group, as a command of it that hangs does, until the returned function is called. */
export async function lockGroup(node: LabNode, name: string): Promise<() => Promise<void>> {
  const pid = (await node.shell(keepLock(name))).trim();
  return async () => {
    await node.shell(endProcess(pid));
  };
}

const endProcess = (pid: string): string => `kill ${pid}; while [ -e /proc/${pid} ]; do sleep 0.05; done`;

/**
 * Takes everything off a node that a test or the product may have put there, but for its own root disk, and its disks
 * beyond the two that it began with. What counts is what is seen afterwards: a node that is not clean loses its power,
 * so that no test is hurt by what an earlier one left.
 * @throws Error when it stays dirty, with what is left
 */
export async function wipeNode(lab: Lab, name: string): Promise<void> {
  const node = lab.node(name);
  await node.heal();
  for (const disk of nodeDisks) await node.disks.fail(disk, 'none');
  let dirt = await wiped(lab, node).catch(String);
  if (dirt === '') return;
  process.stderr.write(`kernel level: ${name} does not come clean, so it is switched off and on: ${dirt}\n`);
  await node.kill().catch(() => undefined); // it was off
  for (const { device } of await extraDisks(lab, name)) await node.disks.remove(device);
  await node.boot();
  dirt = await wiped(lab, node);
  if (dirt !== '') throw new Error(`${name} stays dirty: ${dirt}`);
}

const extraDisks = async (lab: Lab, name: string) => {
  const { nodes } = await lab.status();
  const own = ['ubda', ...kernelNames];
  return (nodes.find((node) => node.name === name)?.disks ?? []).filter(({ device }) => !own.includes(device));
};

/** @returns what is left, in words; empty when the node is clean */
async function wiped(lab: Lab, node: LabNode): Promise<string> {
  const programs = await node.programs();
  for (const { name } of programs.filter(({ running }) => running)) await node.stopProgram(name);
  const options = { ...quietLvm, timeoutMs: 300_000 };
  await node.shell(takeDown, options);
  await node.shell(forgetScsiDisks, options);
  for (const { device } of await extraDisks(lab, node.name)) await node.disks.remove(device);
  const held = (await node.shell(look, options)).trim();
  if (held !== '') return held;
  await node.shell(blank, options);
  return '';
}

const kernelNames = nodeDisks.map((path) => path.slice('/dev/'.length));

/** How much of its time the kernel takes for copying, in percent: with little, there is time to strike in the middle. */
export const throttleCopying = (percent: number): string =>
  `modprobe dm-mirror; echo ${percent} > /sys/module/dm_mirror/parameters/raid1_resync_throttle`;

/** A pvmove that is killed once it has begun. */
const cutShort = (args: readonly string[]): string => `
  ${throttleCopying(1)}
  pvmove -qq --config 'global{use_lvmpolld=0}' --interval 1 ${args.join(' ')} &
  until lvs -a --noheadings -o lv_name | grep -q pvmove; do sleep 0.1; done
  kill -9 $!
  wait $! || true
  lvs -a --noheadings -o lv_name | grep -q pvmove
  ${throttleCopying(100)}`;

/** What stands on the disks goes from the top down. */
const takeDown = `
  onDisks='^/dev/(mapper/|drbd|ubd[b-z] |sd)'
  findmnt --raw --noheadings --output SOURCE,TARGET > /run/mounts
  for point in $(grep -E "$onDisks" /run/mounts | cut -d ' ' -f 2); do umount "$point"; done
  drbdsetup events2 --now > /run/resources
  for name in $(sed -n 's/^exists resource name:\\([^ ]*\\).*/\\1/p' /run/resources); do drbdsetup down "$name"; done
  rm -f /etc/drbd.d/*.res /etc/drbd.d/*.new
  dmsetup remove_all
  udevadm settle`;

/** Prints what is left in the kernel. */
const look = `
  dmsetup info -c --noheadings -o name > /run/maps
  grep -v '^No devices found' /run/maps || true
  drbdsetup events2 --now > /run/resources
  grep '^exists resource' /run/resources || true
  for disk in ${kernelNames.join(' ')}; do ls /sys/block/$disk/holders; done`;

/** Both ends of the disks, where signatures and labels stand; what lvm remembers of them goes too. */
const blank = `
  for disk in ${nodeDisks.join(' ')}; do
    size=$(blockdev --getsize64 $disk)
    dd if=/dev/zero of=$disk bs=1M count=4 conv=fsync,notrunc status=none
    dd if=/dev/zero of=$disk bs=1M count=1 seek=$((size - 1048576)) oflag=seek_bytes conv=fsync,notrunc status=none
  done
  rm -f /run/lvm/hints
  udevadm settle`;
