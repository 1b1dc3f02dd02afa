import * as z from 'zod';
import type { UsedExtents } from '../../api/observed/index.ts';
import { QuotedInteger } from '../parse.ts';
import type { RunOptions } from '../run.ts';
import type { Lvm } from './lvm.ts';
import { ascending, report } from './report.ts';

const Row = z.object({
  pv_uuid: z.string(),
  vg_uuid: z.string(),
  pvseg_start: QuotedInteger,
  pvseg_size: QuotedInteger,
  /** In brackets where it is hidden. */
  lv_name: z.string(),
  lv_uuid: z.string(),
  segtype: z.string(),
  lv_role: z.string(),
  move_pv_uuid: z.string(),
});

/** Lists what stands where on all physical volumes, sorted by UUID and place. Changes nothing. @see pvs(8), --segments */
export async function pvSegments(lvm: Lvm, options: RunOptions): Promise<UsedExtents[]> {
  const rows = await report(lvm, 'segments', Row, Object.keys(Row.shape), options);
  return rows
    .filter(({ lv_uuid }) => lv_uuid !== '')
    .map((row) => ({
      volumeGroup: row.vg_uuid,
      physicalVolume: row.pv_uuid,
      first: row.pvseg_start,
      count: row.pvseg_size,
      volume: { name: row.lv_name, uuid: row.lv_uuid },
      kind: kindOf(row),
      ...(row.move_pv_uuid === '' ? {} : { movedFrom: row.move_pv_uuid }),
    }))
    .sort((a, b) => ascending(a.physicalVolume, b.physicalVolume) || a.first - b.first);
}

function kindOf({ segtype, lv_role, move_pv_uuid }: z.infer<typeof Row>): UsedExtents['kind'] {
  if (move_pv_uuid !== '') return 'moving';
  return segtype === 'linear' && lv_role.split(',').includes('public') ? 'plain' : 'other';
}
