import * as z from 'zod';
import type { LogicalVolume } from '../../api/observed/index.ts';
import { unwipedTag } from '../../api/tags.ts';
import { QuotedInteger } from '../parse.ts';
import type { RunOptions } from '../run.ts';
import type { Lvm } from './lvm.ts';
import { ascending, Flag, report, Tags } from './report.ts';

const Row = z.object({
  lv_name: z.string(),
  lv_uuid: z.string(),
  vg_name: z.string(),
  vg_uuid: z.string(),
  vg_missing_pv_count: QuotedInteger,
  lv_size: QuotedInteger,
  lv_path: z.string(),
  lv_dm_path: z.string(),
  lv_active: Flag,
  lv_device_open: Flag,
  lv_suspended: Flag,
  lv_health_status: z.string(),
  lv_tags: Tags,
  lv_layout: z.string(),
  /** -1 while not active. */
  lv_kernel_major: z.string(),
  lv_kernel_minor: z.string(),
});

/** A logical volume, with what of its group decides whether it can be changed. */
export interface PlacedVolume {
  readonly volume: LogicalVolume;
  readonly missingPhysicalVolumeCount: number;
}

/** Lists all logical volumes but lvm's own hidden ones, sorted by group and name. Changes nothing. @see lvs(8) */
export async function lvs(lvm: Lvm, options: RunOptions): Promise<PlacedVolume[]> {
  const rows = await report(lvm, 'lvs', Row, Object.keys(Row.shape), options);
  return rows
    .map((row) => ({
      volume: {
        name: row.lv_name,
        uuid: row.lv_uuid,
        volumeGroup: { name: row.vg_name, uuid: row.vg_uuid },
        sizeBytes: row.lv_size,
        path: row.lv_path,
        deviceMapperPath: row.lv_dm_path,
        active: row.lv_active && !row.lv_tags.includes(unwipedTag),
        open: row.lv_device_open,
        suspended: row.lv_suspended,
        health: row.lv_health_status,
        tags: row.lv_tags,
        layout: row.lv_layout,
        ...(row.lv_active ? { majorMinor: `${row.lv_kernel_major}:${row.lv_kernel_minor}` } : {}),
      },
      missingPhysicalVolumeCount: row.vg_missing_pv_count,
    }))
    .sort((a, b) => ascending(a.volume.path, b.volume.path));
}
