import { hostTools } from '../../../src/node/host-tools.ts';
import { unwipedTag } from '../../../src/api/tags.ts';
import { CommandError } from '../../../src/node/errors.ts';
import type { Run } from '../../../src/node/run.ts';
import type { LabNode } from '../../lab/index.ts';
import type { ContractHost } from '../../contract/host-tools.contract.ts';

const mib = 1024 ** 2;
export const nodeDisks = ['/dev/ubdb', '/dev/ubdc'] as const;

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

/** The real tools on the real kernel of a lab node. */
export const toolsOf = (node: LabNode) => hostTools({ run: runIn(node), nodeName: node.name });

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
    hold: async (path) => {
      // An open for reading holds a device as well as a mount does, and is let go of by one kill.
      const pid = await node.shell(`sleep 600 < ${path} > /dev/null 2>&1 & echo $!`);
      return async () => {
        await node.shell(`kill ${pid.trim()}; while [ -e /proc/${pid.trim()} ]; do sleep 0.05; done`);
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
        wipeOptions,
      );
    },
    failReads: async (path) => {
      await node.disks.fail(path, 'reads');
      return () => node.disks.fail(path, 'none');
    },
    copyDisk: async (from, to) => {
      await node.shell(`dd if=${from} of=${to} bs=1M count=4 conv=fsync,notrunc status=none; udevadm settle`);
    },
    deactivate: async (path) => {
      await node.run(['lvchange', '-qq', '--activate', 'n', path], wipeOptions);
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

/**
 * Takes everything off a node that a test or the product may have put there, but for its own root disk. A node that is
 * off, or whose kernel does not let go of something, is switched off and on first, so that no test is hurt by what an
 * earlier one left.
 * @throws Error when the disks are held even then
 */
export async function wipeNode(node: LabNode): Promise<void> {
  try {
    await node.shell(wipe, wipeOptions);
  } catch (error) {
    process.stderr.write(
      `kernel level: ${node.name} does not come clean, it is switched off and on: ${String(error)}\n`,
    );
    await node.kill().catch(() => undefined); // it was off
    await node.heal();
    await node.boot();
    await node.shell(wipe, wipeOptions);
  }
}

const wipeOptions = { env: { LVM_SUPPRESS_FD_WARNINGS: '1' } };

/** What stands on the disks goes from the top down; a disk is blanked only once nothing holds it. */
const wipe = `
  onDisks='^/dev/(mapper/|drbd|${nodeDisks.map((path) => `${path.slice('/dev/'.length)} `).join('|')})'
  for point in $(findmnt --raw --noheadings --output SOURCE,TARGET | grep -E "$onDisks" | cut -d ' ' -f 2); do umount "$point"; done
  for name in $(drbdsetup events2 --now | sed -n 's/^exists resource name:\\([^ ]*\\).*/\\1/p'); do drbdsetup down "$name"; done
  rm -f /etc/drbd.d/*.res /etc/drbd.d/*.new
  dmsetup remove_all
  udevadm settle
  for disk in ${nodeDisks.map((path) => path.slice('/dev/'.length)).join(' ')}; do
    holders=$(ls /sys/block/$disk/holders)
    [ -z "$holders" ] || { echo "$disk is held by $holders" >&2; exit 1; }
    size=$(blockdev --getsize64 /dev/$disk)
    dd if=/dev/zero of=/dev/$disk bs=1M count=4 conv=fsync,notrunc status=none
    dd if=/dev/zero of=/dev/$disk bs=1M count=1 seek=$((size - 1048576)) oflag=seek_bytes conv=fsync,notrunc status=none
  done
  udevadm settle`;
