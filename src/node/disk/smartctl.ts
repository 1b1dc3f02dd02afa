import * as z from 'zod';
import type { DiskReport } from '../../api/observed/index.ts';
import { parseJson } from '../parse.ts';
import type { Run, RunOptions } from '../run.ts';

const Report = z.object({
  smart_support: z.object({ available: z.boolean().optional() }).optional(),
  smart_status: z.object({ passed: z.boolean() }).optional(),
  form_factor: z.object({ name: z.string().optional() }).optional(),
  rotation_rate: z.int().nonnegative().optional(),
  nvme_pci_vendor: z.object({ id: z.int().nonnegative() }).optional(),
  scsi_product: z.string().optional(),
});

/**
 * Asks a disk how it judges itself; one that sleeps is not woken. The exit status is a set of bits that tell of worn
 * attributes and old errors as well, so only the report counts; a disk behind a controller that smartctl can't talk
 * through, a virtual one and one that sleeps have no verdict, which is none against them.
 * @throws CommandError `TOOL_MISSING`, `UNEXPECTED_OUTPUT` (a smartctl older than 7)
 * @see smartctl(8)
 */
export async function smartctl(run: Run, path: string, options: RunOptions): Promise<DiskReport> {
  const args = ['--json', '--info', '--health', '--nocheck=standby', '--', path];
  const { stdout } = await run('smartctl', args, { ...options, on: path });
  const told = parseJson('smartctl', Report, stdout);
  const { smart_support: support, smart_status: status } = told;
  return {
    supported: support?.available ?? status !== undefined,
    verdict: status === undefined ? 'Unknown' : status.passed ? 'Passed' : 'Failed',
    ...present('formFactor', told.form_factor?.name),
    ...present('rotationRate', told.rotation_rate),
    ...present('pciVendorId', told.nvme_pci_vendor && `0x${told.nvme_pci_vendor.id.toString(16).padStart(4, '0')}`),
    ...present('product', told.scsi_product),
  };
}

const present = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Value };
