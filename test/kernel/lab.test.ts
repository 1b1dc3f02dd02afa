import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type LabNode, scsiDisks } from '../lab/index.ts';
import { describeOnLab } from './harness/lab.ts';
import { wipeNode } from './harness/nodes.ts';

const mib = 1024 * 1024;

interface BlockDevices {
  blockdevices: { path: string; serial: string | null; wwn: string | null; rota: boolean; size: number }[];
}

async function diskAt(node: LabNode, path: string) {
  await node.run(['udevadm', 'settle']);
  const out = await node.run(['lsblk', '--json', '--bytes', '-d', '-o', 'PATH,SERIAL,WWN,ROTA,SIZE', path]);
  return (JSON.parse(out) as BlockDevices).blockdevices[0];
}

/** Whether the node's network reaches the address: nothing listens there, so being refused is being heard. */
async function hears(node: LabNode, address: string): Promise<boolean> {
  const tried = await node.exec(['timeout', '2', 'bash', '-c', `echo > /dev/tcp/${address}/9`]);
  return tried.stderr.includes('Connection refused');
}

describeOnLab('a lab node', (lab) => {
  const [node1, node2] = [lab.node('node1'), lab.node('node2')];

  test('is a kernel of its own with LVM, DRBD 8.4 and udev', async () => {
    expect(await node1.run(['hostname'])).toBe('node1\n');
    expect(await node1.run(['cat', '/proc/drbd'])).toMatch(/^version: 8\.4\.11 /);
    expect(await node1.run(['dmsetup', 'version'])).toMatch(/Driver version:/);
    expect(await node1.run(['udevadm', 'control', '--ping'])).toBe('');
  });

  test('passes on standard input, both outputs and the exit code of a command', async () => {
    const done = await node1.exec(['sh', '-c', 'cat; echo "$WORD" >&2; exit 7'], {
      input: 'given',
      env: { WORD: 'set' },
    });
    expect(done).toEqual({ exitCode: 7, stdout: 'given', stderr: 'set\n', timedOut: false, stuck: false });
  });

  test('kills a command that outlives its time', async () => {
    expect(await node1.exec(['sleep', '1000'], { timeoutMs: 100 })).toMatchObject({
      signal: 'SIGKILL',
      timedOut: true,
    });
  });

  test('has a root of its own: what it writes is not seen by its neighbour or the host', async () => {
    await node1.shell('echo mine > /etc/only-here');
    expect((await node2.exec(['cat', '/etc/only-here'])).stderr).toContain('No such file');
  });

  test('shows its disks with serial, WWN, kind and stable links', async () => {
    expect(await diskAt(node1, '/dev/ubdb')).toEqual({
      path: '/dev/ubdb',
      serial: 'LAB1B',
      wwn: '0x5000c50000000162',
      rota: true,
      size: 1024 * mib,
    });
    expect(await node1.run(['readlink', '-f', '/dev/disk/by-id/wwn-0x5000c50000000162'])).toBe('/dev/ubdb\n');
  });

  test('gets disks while it runs, also without a serial or with one that another disk has', async () => {
    const nameless = await node1.disks.add({ sizeBytes: 64 * mib, rotational: false });
    const twin = await node1.disks.add({ sizeBytes: 64 * mib, serial: 'LAB1B', rotational: true });
    expect(await diskAt(node1, nameless)).toMatchObject({ serial: null, wwn: null, rota: false, size: 64 * mib });
    expect(await diskAt(node1, twin)).toMatchObject({ serial: 'LAB1B' });
    for (const device of [nameless, twin]) {
      await node1.disks.remove(device);
      expect((await node1.exec(['test', '-e', device])).exitCode).toBe(1);
    }
  });

  test('keeps a disk that is in use from being unplugged', async () => {
    await expect(node1.disks.remove('/dev/ubda')).rejects.toThrow(/refused "remove ubd0"/);
    expect((await diskAt(node1, '/dev/ubda'))?.serial).toBe('LAB1A');
  });

  test('gets I/O errors from a failing disk until it is mended, also under LVM', async () => {
    const device = await node2.disks.add({ sizeBytes: 64 * mib, serial: 'BAD', rotational: true });
    await node2.shell(`vgcreate bad ${device}; lvcreate -y -n lv -L 16M bad`);
    const read = ['dd', 'if=/dev/bad/lv', 'of=/dev/null', 'bs=4k', 'count=1', 'iflag=direct'];
    const write = ['dd', 'if=/dev/zero', 'of=/dev/bad/lv', 'bs=4k', 'count=1', 'oflag=direct'];

    await node2.disks.fail(device, 'writes');
    expect((await node2.exec(write)).stderr).toContain('Input/output error');
    expect((await node2.exec(read)).exitCode).toBe(0);
    await node2.disks.fail(device, 'all');
    expect((await node2.exec(read)).stderr).toContain('Input/output error');
    await node2.disks.fail(device, 'none');
    expect((await node2.exec(write)).exitCode).toBe(0);

    await node2.shell(`vgchange -an bad; vgremove -fy bad; pvremove ${device}`);
    await node2.disks.remove(device);
  });

  test('has SCSI disks that can be pulled from under a mount, come back with their content elsewhere, and grow', async () => {
    const disks = scsiDisks(node2);
    const path = await disks.add({ name: 'pulled', sizeBytes: 64 * mib });
    expect(await diskAt(node2, path)).toMatchObject({ serial: disks.serialOf('pulled'), rota: false, size: 64 * mib });
    await node2.shell(`mkfs.ext4 -q ${path}; mount ${path} /mnt; echo kept > /mnt/word; sync`);
    await disks.pull('pulled');
    expect((await node2.exec(['test', '-e', path])).exitCode).toBe(1);
    expect((await node2.exec(['sh', '-c', 'echo lost > /mnt/other && sync /mnt/other'])).stderr).toMatch(
      /error|read-only/i,
    );
    const back = await disks.replug('pulled');
    expect(back).not.toBe(path);
    expect(await node2.shell(`umount /mnt; mount ${back} /mnt; cat /mnt/word; umount /mnt`)).toBe('kept\n');
    await disks.grow('pulled', 128 * mib);
    expect(await diskAt(node2, back)).toMatchObject({ serial: disks.serialOf('pulled'), size: 128 * mib });

    await node2.kill();
    await node2.boot();
    expect(await node2.shell(`mount ${await disks.replug('pulled')} /mnt; cat /mnt/word; umount /mnt`)).toBe('kept\n');
    await disks.remove('pulled');
  });

  test('is reached by the lab while its cable is cut, and by its neighbours again when healed', async () => {
    const { address } = (await lab.status()).nodes[1]!;
    await node2.cut();
    expect(await hears(node1, address)).toBe(false);
    expect(await node2.run(['hostname'])).toBe('node2\n');
    await node2.heal();
    // Its neighbour may still remember for a moment that nobody answered.
    await vi.waitFor(async () => expect(await hears(node1, address)).toBe(true), { timeout: 30_000, interval: 200 });
  });

  test('goes on where it was frozen', async () => {
    await node2.startProgram({ name: 'waiter', argv: ['sleep', '1000'] });
    const before = await node2.programs();
    await node2.freeze();
    expect((await lab.status()).nodes[1]?.power).toBe('frozen');
    await node2.thaw();
    expect(await node2.programs()).toEqual(before);
    expect(await node2.stopProgram('waiter')).toMatchObject({ running: false, signal: 'SIGTERM' });
  });

  test('keeps synced data over a power loss, loses its memory, and starts kept programs again', async () => {
    await node2.startProgram({ name: 'kept', argv: ['sh', '-c', 'echo began; exec sleep 1000'], keepRunning: true });
    await node2.shell('echo safe > /var/lib/on-disk; sync; echo gone > /run/in-memory');
    const began = Promise.withResolvers<void>();
    const command = node2.exec(['sh', '-c', 'echo began; exec sleep 1000'], { onStdout: () => began.resolve() });
    const cutOff = expect(command).rejects.toThrow('the connection broke');
    await began.promise;
    await node2.kill();
    await cutOff;
    expect((await lab.status()).nodes[1]?.power).toBe('off');

    await node2.boot();
    expect(await node2.run(['cat', '/var/lib/on-disk'])).toBe('safe\n');
    expect((await node2.exec(['cat', '/run/in-memory'])).exitCode).toBe(1);
    expect(await node2.programs()).toMatchObject([{ name: 'kept', running: true }]);
    await node2.stopProgram('kept');
  });
});

describeOnLab('a DRBD resource on logical volumes of two nodes', (lab) => {
  const nodes = ['node1', 'node2'].map((name) => lab.node(name));
  const [node1, node2] = [lab.node('node1'), lab.node('node2')];

  beforeAll(async () => {
    const { nodes: status } = await lab.status();
    const legs = nodes.map(({ name }, at) => `on ${name} { address ${status[at]?.address}:7789; }`);
    const resource = `resource proof {
      net { timeout 20; connect-int 3; ping-int 3; }
      device /dev/drbd10 minor 10; disk /dev/proof/lv; meta-disk internal;
      ${legs.join('\n')}
    }`;
    for (const node of nodes) {
      const device = await node.disks.add({ sizeBytes: 128 * mib, serial: `PROOF-${node.name}`, rotational: true });
      await node.shell(`vgcreate proof ${device}; lvcreate -y -n lv -L 64M proof`);
      await node.shell('cat > /etc/drbd.d/proof.res', { input: resource });
      await node.shell('drbdadm create-md proof; drbdadm up proof');
    }
  });

  afterAll(async () => {
    for (const { name } of nodes) await wipeNode(lab, name);
  });

  const untilState = (node: LabNode, connection: string, disk: string) =>
    vi.waitFor(
      async () => {
        expect((await node.run(['drbdadm', 'cstate', 'proof'])).trim()).toBe(connection);
        expect((await node.run(['drbdadm', 'dstate', 'proof'])).trim()).toBe(disk);
      },
      { timeout: 180_000, interval: 200 },
    );

  test('carries what one node wrote to the other', async () => {
    await node1.shell('drbdadm primary --force proof');
    await untilState(node1, 'Connected', 'UpToDate/UpToDate');
    await node1.shell('mkfs.ext4 -q /dev/drbd10; mount /dev/drbd10 /mnt; seq 100000 > /mnt/data; umount /mnt');
    await node1.shell('drbdadm secondary proof');
    await node2.shell('drbdadm primary proof; mount /dev/drbd10 /mnt');
    expect(await node2.shell('md5sum < /mnt/data; umount /mnt; drbdadm secondary proof')).toBe(
      await node2.shell('seq 100000 | md5sum'),
    );
  });

  test('notices a cut cable, and catches up when it is healed', async () => {
    await node1.shell('drbdadm primary proof');
    await node2.cut();
    try {
      await untilState(node1, 'WFConnection', 'UpToDate/DUnknown');
      await node1.shell('dd if=/dev/urandom of=/dev/drbd10 bs=1M count=4 oflag=direct');
    } finally {
      await node2.heal();
    }
    await untilState(node1, 'Connected', 'UpToDate/UpToDate');
    await node1.shell('drbdadm secondary proof; drbdadm down proof');
    await node2.shell('drbdadm down proof');
    const digest = 'head -c 32M /dev/proof/lv | md5sum';
    expect(await node2.shell(digest)).toBe(await node1.shell(digest));
    for (const node of nodes) await node.shell('drbdadm up proof');
  });
});
