import * as z from 'zod';
import type { VolumeGroup } from '../../api/observed/index.ts';
import { QuotedInteger } from '../parse.ts';
import type { RunOptions } from '../run.ts';
import type { Lvm } from './lvm.ts';
import { ascending, report, Tags } from './report.ts';

const Row = z.object({
  vg_name: z.string(),
  vg_uuid: z.string(),
  vg_size: QuotedInteger,
  vg_free: QuotedInteger,
  vg_extent_size: QuotedInteger,
  pv_count: QuotedInteger,
  lv_count: QuotedInteger,
  vg_missing_pv_count: QuotedInteger,
  vg_tags: Tags,
  vg_mda_size: QuotedInteger,
  vg_mda_free: QuotedInteger,
});

/** Lists all volume groups, sorted by name, then UUID. Changes nothing. @see vgs(8) */
export async function vgs(lvm: Lvm, options: RunOptions): Promise<VolumeGroup[]> {
  const rows = await report(lvm, 'vgs', Row, Object.keys(Row.shape), options);
  return rows
    .map((row) => ({
      name: row.vg_name,
      uuid: row.vg_uuid,
      sizeBytes: row.vg_size,
      freeBytes: row.vg_free,
      extentSizeBytes: row.vg_extent_size,
      physicalVolumeCount: row.pv_count,
      logicalVolumeCount: row.lv_count,
      missingPhysicalVolumeCount: row.vg_missing_pv_count,
      tags: row.vg_tags,
      metadataSizeBytes: row.vg_mda_size,
      metadataFreeBytes: row.vg_mda_free,
    }))
    .sort((a, b) => ascending(a.name, b.name) || ascending(a.uuid, b.uuid));
}
