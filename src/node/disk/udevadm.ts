import type { Run, RunOptions } from '../run.ts';

export interface UdevRecord {
  /** Links that name the device by what it is or where it is plugged in, sorted. */
  readonly links: readonly string[];
  /** False when udev never looked at the device: nothing it says counts. */
  readonly initialized: boolean;
  /** It hangs on no bus. NVMe disks of several paths do not count: they stand below `nvme-subsystem`. */
  readonly virtual: boolean;
  /** e.g. `ata`, `scsi`, `usb`. */
  readonly bus?: string;
  readonly vendor?: string;
}

/**
 * Reads the udev database for some devices. A device udev does not know is left out.
 * @returns records by device path
 * @see udevadm(8)
 */
export async function udevRecords(
  run: Run,
  paths: readonly string[],
  options: RunOptions,
): Promise<Map<string, UdevRecord>> {
  if (paths.length === 0) return new Map();
  // Its exit status is that of the worst device; what it knows of the others it has printed.
  const { stdout } = await run('udevadm', ['info', '--query=property', ...paths], { ...options, on: 'udevadm info' });
  return parseUdevProperties(stdout);
}

/**
 * Waits until udev has looked at what was reported to it so far, a few seconds at most: after each write udev opens the
 * device for a moment to see what is on it now.
 */
export async function udevSettle(run: Run, options: RunOptions): Promise<void> {
  await run('udevadm', ['settle', '--timeout=5'], { ...options, on: 'udevadm settle' });
}

/** One device's properties follow another's; each begins with DEVPATH. */
export function parseUdevProperties(text: string): Map<string, UdevRecord> {
  const records = new Map<string, UdevRecord>();
  for (const part of text.split(/^(?=DEVPATH=)/m)) {
    const properties = new Map(part.split('\n').map((line) => splitOnce(line, '=')));
    const path = properties.get('DEVNAME');
    if (path === undefined) continue;
    const bus = properties.get('ID_BUS');
    const vendor = properties.get('ID_VENDOR');
    const links = (properties.get('DEVLINKS') ?? '').split(' ');
    records.set(path, {
      links: links.filter((link) => /^\/dev\/disk\/by-(id|path)\//.test(link)).sort(),
      initialized: properties.has('USEC_INITIALIZED'),
      virtual: (properties.get('DEVPATH') ?? '').startsWith('/devices/virtual/block/'),
      ...(bus === undefined ? {} : { bus }),
      ...(vendor === undefined ? {} : { vendor }),
    });
  }
  return records;
}

function splitOnce(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + separator.length)];
}
