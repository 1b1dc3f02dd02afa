import { expect, test } from 'vitest';
import { type Recording, replay } from '../../../test/support/replay.ts';
import { smartctl } from './smartctl.ts';

const { signal } = new AbortController();
const told = (recording: Recording) => smartctl(replay({ smartctl: recording }).run, '/dev/sda', { signal });
const report = (told: object, exitCode = 0): Recording => ({ exitCode, stdout: JSON.stringify(told) });

// Shapes of smartctl 7.3.
test.each([
  [
    'a SATA disk that passes',
    report({
      form_factor: { ata_value: 2, name: '3.5 inches' },
      rotation_rate: 7200,
      smart_support: { available: true, enabled: true },
      smart_status: { passed: true },
    }),
    { supported: true, verdict: 'Passed', formFactor: '3.5 inches', rotationRate: 7200 },
  ],
  [
    'one that fails, with the bits of its exit status set',
    report({ smart_support: { available: true, enabled: true }, smart_status: { passed: false } }, 24),
    { supported: true, verdict: 'Failed' },
  ],
  [
    'one that passes with old errors in its log',
    report({ smart_support: { available: true, enabled: true }, smart_status: { passed: true } }, 64),
    { supported: true, verdict: 'Passed' },
  ],
  [
    'an NVMe disk, which has no word on its support',
    report({
      nvme_pci_vendor: { id: 5197, subsystem_id: 5197 },
      smart_status: { passed: true, nvme: { value: 0 } },
    }),
    { supported: true, verdict: 'Passed', pciVendorId: '0x144d' },
  ],
  [
    'a SAS disk',
    report({
      scsi_vendor: 'SEAGATE',
      scsi_product: 'ST4000NM0023',
      rotation_rate: 7200,
      smart_support: { available: true, enabled: true },
      smart_status: { passed: true },
    }),
    { supported: true, verdict: 'Passed', rotationRate: 7200, product: 'ST4000NM0023' },
  ],
  [
    'one that sleeps',
    report({ smart_support: { available: true, enabled: true } }, 2),
    { supported: true, verdict: 'Unknown' },
  ],
  [
    'one of a RAID controller',
    report({ smart_support: { available: false } }, 4),
    { supported: false, verdict: 'Unknown' },
  ],
  [
    'a virtual disk',
    report(
      {
        smartctl: {
          messages: [{ string: '/dev/vda: Unable to detect device type', severity: 'error' }],
          exit_status: 1,
        },
      },
      1,
    ),
    { supported: false, verdict: 'Unknown' },
  ],
])('%s', async (_what, recording, report) => {
  expect(await told(recording)).toEqual(report);
});

test('a version that has no report is not understood', async () => {
  await expect(told({ exitCode: 1, stdout: 'UNRECOGNIZED OPTION: json\n' })).rejects.toMatchObject({
    code: 'UNEXPECTED_OUTPUT',
  });
});
