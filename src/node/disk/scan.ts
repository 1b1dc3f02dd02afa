import type { BlockDevice } from '../../api/observed/index.ts';
import type { Run, RunOptions } from '../run.ts';
import { lsblk, type LsblkNode } from './lsblk.ts';
import { type UdevRecord, udevRecords } from './udevadm.ts';

/** All block devices of the host. Reads no device. */
export async function scan(run: Run, options: RunOptions): Promise<BlockDevice[]> {
  const trees = await lsblk(run, options);
  const nodes = flatten(trees);
  const records = await udevRecords(run, [...nodes.keys()].map(nodeOf), options);
  return [...nodes.values()]
    .map(({ node, parent }) => deviceOf(node, parent, records.get(nodeOf(node.kname))))
    .sort((a, b) => (a.kernelName < b.kernelName ? -1 : 1));
}

/** The node the kernel made; sysfs writes a slash in a name as `!`. */
const nodeOf = (kernelName: string): string => `/dev/${kernelName.replaceAll('!', '/')}`;

/** By kernel name; of several devices below it the first is the parent. */
function flatten(trees: readonly LsblkNode[]): Map<string, { node: LsblkNode; parent: string | undefined }> {
  const found = new Map<string, { node: LsblkNode; parent: string | undefined }>();
  const visit = (node: LsblkNode, parent: string | undefined): void => {
    if (!found.has(node.kname)) found.set(node.kname, { node, parent });
    for (const child of node.children ?? []) visit(child, node.kname);
  };
  for (const tree of trees) visit(tree, undefined);
  return found;
}

function deviceOf(node: LsblkNode, parent: string | undefined, record: UdevRecord | undefined): BlockDevice {
  const children = node.children ?? [];
  const known = {
    model: node.model,
    vendor: node.vendor ?? record?.vendor,
    serial: node.serial,
    wwn: node.wwn,
    transport: node.tran ?? record?.bus,
    partitionTable: node.pttype,
    partitionType: node.parttype,
    partitionUuid: node.partuuid,
    fileSystem: node.fstype,
    parent,
  };
  return {
    path: node.path,
    kernelName: node.kname,
    majorMinor: node['maj:min'],
    sizeBytes: node.size,
    type: node.type,
    readOnly: node.ro,
    removable: node.rm,
    rotational: node.rota,
    ...defined(known),
    links: record?.links ?? [],
    mountPoints: [...node.mountpoints].sort(),
    holders: children
      .filter(({ type }) => type !== 'part')
      .map(({ kname }) => kname)
      .sort(),
    children: children.map(({ kname }) => kname).sort(),
    inUdevDatabase: record?.initialized ?? false,
    ...(record?.virtual === true ? { virtual: true } : {}),
  };
}

/** Only what is known. */
function defined<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string;
  };
}
