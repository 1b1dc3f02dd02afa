import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { spinningDisk } from '../config.ts';
import { diskShelf, identityOf } from './disks.ts';

function withShelf(use: (shelf: ReturnType<typeof diskShelf>, folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'disk-shelf-'));
  try {
    use(diskShelf(join(folder, 'images'), join(folder, 'share')), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a disk tells udev its serial, WWN and kind', () => {
  expect(identityOf(spinningDisk(2, 'b'))).toBe(
    [
      'ID_BUS=scsi',
      'ID_VENDOR=LAB',
      'ID_MODEL=Spinning-Disk',
      'ID_SERIAL=LAB_Spinning-Disk_LAB2B',
      'ID_SERIAL_SHORT=LAB2B',
      'ID_WWN=0x5000c50000000262',
      'ID_WWN_WITH_EXTENSION=0x5000c50000000262',
      'LAB_ROTATIONAL=1',
      '',
    ].join('\n'),
  );
});

test('a disk without serial tells none, rather than an empty or invented one', () => {
  expect(identityOf({ sizeBytes: 1024, rotational: false })).toBe('ID_BUS=scsi\n');
});

test('disks take the first free letter, and an unplugged one leaves no file', () => {
  withShelf((shelf, folder) => {
    const [first, second] = [shelf.create(spinningDisk(1, 'b')), shelf.create(spinningDisk(1, 'c'))];
    shelf.forget(first);
    expect(shelf.create(spinningDisk(1, 'd')).device).toBe('ubda');
    expect(shelf.list().map(({ device }) => device)).toEqual(['ubda', 'ubdb']);
    shelf.forget(second);
    expect(() => readFileSync(join(folder, 'share/disks/ubdb'))).toThrow('ENOENT');
    expect(() => shelf.get('/dev/ubdb')).toThrow('there is no disk /dev/ubdb; this node has ubda');
  });
});

test('a fault is in the mode of the image, where it outlives the node', () => {
  withShelf((shelf) => {
    const disk = shelf.create(spinningDisk(1, 'b'));
    shelf.setFault(disk, 'reads');
    expect(statSync(disk.image).mode & 0o7777).toBe(0o1200);
    shelf.setFault(shelf.get('ubda'), 'none');
    expect(statSync(disk.image).mode & 0o7777).toBe(0o600);
  });
});
