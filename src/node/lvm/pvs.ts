import * as z from 'zod';
import type { PhysicalVolume } from '../../api/observed/index.ts';
import { QuotedInteger } from '../parse.ts';
import type { RunOptions } from '../run.ts';
import type { Lvm } from './lvm.ts';
import { ascending, Flag, report } from './report.ts';

const Row = z.object({
  pv_name: z.string(),
  pv_uuid: z.string(),
  vg_name: z.string(),
  vg_uuid: z.string(),
  pv_size: QuotedInteger,
  pv_free: QuotedInteger,
  dev_size: QuotedInteger,
  pe_start: QuotedInteger,
  /** No number when missing. */
  pv_major: z.string(),
  pv_minor: z.string(),
  pv_allocatable: Flag,
  pv_missing: Flag,
  pv_duplicate: Flag,
  /** A group has it, whether or not that can be seen. */
  pv_in_use: Flag,
});

/**
 * Lists all physical volumes, also missing ones, sorted by device. Changes nothing. Of two devices with one UUID lvm
 * flags the one it did not choose; here both are `duplicate`, since which one lvm chooses may change.
 * @see pvs(8)
 */
export async function pvs(lvm: Lvm, options: RunOptions): Promise<PhysicalVolume[]> {
  const rows = await report(lvm, 'pvs', Row, Object.keys(Row.shape), options);
  const labelled = rows.filter(({ pv_uuid }) => pv_uuid !== '');
  const count = (uuid: string): number => labelled.filter(({ pv_uuid }) => pv_uuid === uuid).length;
  return labelled
    .map((row) => ({
      device: row.pv_name,
      uuid: row.pv_uuid,
      ...(row.vg_uuid === ''
        ? row.pv_in_use && { groupAway: true as const }
        : { volumeGroup: { name: row.vg_name, uuid: row.vg_uuid } }),
      sizeBytes: row.pv_size,
      freeBytes: row.pv_free,
      deviceSizeBytes: row.dev_size,
      firstExtentBytes: row.pe_start,
      ...(row.dev_size > 0 && /^\d+$/.test(row.pv_major) ? { majorMinor: `${row.pv_major}:${row.pv_minor}` } : {}),
      allocatable: row.pv_allocatable,
      missing: row.pv_missing,
      duplicate: row.pv_duplicate || count(row.pv_uuid) > 1,
    }))
    .sort((a, b) => ascending(a.device, b.device) || ascending(a.uuid, b.uuid));
}
