// `npm test [-- LEVEL …]`: every test level in turn, or those named, each with its counts and its time. What a level
// needs is installed and built first; a level that can't have it says why, counts as skipped, and fails the run.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  controlPlaneCommands,
  ensureApiBinaries,
  ensureCommands,
  podCommands,
  sidecarCommands,
} from './setup/go-commands.ts';
import { ensureDebianPackages, labPackages, podPackages, requireRoot } from './setup/debian-packages.ts';
import { RequirementError } from './setup/requirement-error.ts';

type Counts = { passed: number; failed: number; skipped: number };

const say = (line: string): void => console.log(`set-up: ${line}`);

const levels: Record<string, () => Promise<void>> = {
  unit: async () => undefined,
  model: async () => undefined,
  api: async () => void (await ensureApiBinaries(say)),
  kernel: async () => {
    requireRoot('the kernel level');
    await ensureDebianPackages(labPackages, say);
    await ensureCommands(controlPlaneCommands, say);
  },
  cluster: async () => {
    requireRoot('the cluster level');
    await ensureDebianPackages([...labPackages, ...podPackages], say);
    await ensureCommands([...controlPlaneCommands, ...podCommands, ...sidecarCommands], say);
  },
};

/** Runs one level and returns its counts; a runner that dies without a report counts as one failure. */
async function runLevel(level: string): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'hwameistor-test-'));
  const report = join(folder, 'report.json');
  try {
    const code = await new Promise<number>((resolve, reject) => {
      const args = ['run', '--project', level, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
      const child = spawn('vitest', args, { stdio: ['ignore', 'inherit', 'inherit'] });
      child.on('error', reject);
      child.on('close', (status) => resolve(status ?? 1));
    });
    if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
    const result = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
    const counts = {
      passed: result['numPassedTests'] ?? 0,
      failed: result['numFailedTests'] ?? 0,
      skipped: (result['numPendingTests'] ?? 0) + (result['numTodoTests'] ?? 0),
    };
    // A file that cannot be loaded, or an error outside any test, fails the run without failing a test.
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    return counts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((level) => !(level in levels));
if (unknown.length > 0) {
  console.error(`There is no test level "${unknown.join('", "')}". Levels: ${Object.keys(levels).join(', ')}.`);
  process.exit(1);
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
let incomplete = false;
for (const [level, ensure] of Object.entries(levels)) {
  if (wanted.length > 0 && !wanted.includes(level)) continue;
  const setUpStarted = performance.now();
  let counts: Counts;
  let reason = '';
  let started = setUpStarted;
  try {
    await ensure();
    started = performance.now();
    counts = await runLevel(level);
  } catch (error) {
    if (!(error instanceof RequirementError)) throw error;
    counts = { passed: 0, failed: 0, skipped: 1 };
    reason = `; the whole level: ${error.message}`;
    incomplete = true;
  }
  const seconds = (from: number, to: number): string => `${((to - from) / 1000).toFixed(1)} s`;
  const setUp = started - setUpStarted > 1000 ? `, set-up ${seconds(setUpStarted, started)}` : '';
  const time = `${seconds(started, performance.now())}${setUp}`;
  lines.push(
    `${level}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${time})${reason}`,
  );
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
console.log(`\n${lines.join('\n')}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 || incomplete ? 1 : 0);
