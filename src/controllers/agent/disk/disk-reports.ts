import type { BlockDevice, DiskReport } from '../../../api/observed/index.ts';
import { isCommandError } from '../../../node/errors.ts';
import type { AgentContext } from '../context.ts';
import { installCommand } from '../node/install-words.ts';

/** A disk changes its mind over weeks, and asking it takes a process and wakes its controller. */
const askMs = 600_000;
/** A disk that does not answer must not keep the node from being looked at. */
const patienceMs = 10_000;

/** What a disk told of itself when it was asked last. */
export interface ToldReport extends DiskReport {
  /** Why it could not be asked. */
  readonly unasked?: string;
}

/** @returns undefined for a disk that was not asked */
export type ReportOf = (disk: BlockDevice) => ToldReport | undefined;

/** Asks those of the disks that were not asked for a while, and forgets all others. */
export type AskDisks = (disks: readonly BlockDevice[], nowMs: number, signal: AbortSignal) => Promise<ReportOf>;

/** Remembers what each disk told for a while; one that was asked in vain, as one that sleeps, keeps what it told before. */
export function diskReports(agent: AgentContext): AskDisks {
  let told = new Map<string, { readonly atMs: number; readonly report: ToldReport }>();
  return async (disks, nowMs, signal) => {
    const entries = disks.map(async (disk) => {
      const last = told.get(keyOf(disk));
      if (last !== undefined && Math.abs(nowMs - last.atMs) < askMs) return [keyOf(disk), last] as const;
      const answer = await ask(agent, disk.path, signal);
      const isSilent = answer.verdict === 'Unknown' && answer.unasked === undefined;
      const report = last !== undefined && isSilent ? last.report : answer;
      return [keyOf(disk), { atMs: nowMs, report }] as const;
    });
    told = new Map(await Promise.all(entries));
    return (disk) => told.get(keyOf(disk))?.report;
  };
}

/** Another disk in its place is asked anew. */
const keyOf = ({ path, majorMinor, serial = '', wwn = '' }: BlockDevice): string =>
  [path, majorMinor, serial, wwn].join('|');

async function ask({ tools }: AgentContext, path: string, signal: AbortSignal): Promise<ToldReport> {
  const patience = AbortSignal.timeout(patienceMs);
  try {
    return await tools.disks.selfReport(path, AbortSignal.any([signal, patience]));
  } catch (error) {
    if (!isCommandError(error) || signal.aborted) throw error;
    const unasked =
      error.code === 'TOOL_MISSING'
        ? `the node has no smartctl. To have it: ${installCommand(await tools.os.release(signal), 'smartmontools')}`
        : error.message;
    return { supported: false, verdict: 'Unknown', unasked };
  }
}
