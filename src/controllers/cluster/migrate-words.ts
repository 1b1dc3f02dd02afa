import type { LocalVolumeMigrateEvent } from '../../machines/index.ts';
import { localVolumeMigrateEvents } from '../../machines/local-volume-migrate.machine.ts';
import type { Why } from '../progress.ts';

/** An observation of a move in the words of its status: the event in CamelCase, and what it means. */
export function migrateWords({ type }: LocalVolumeMigrateEvent): Why {
  const meaning = localVolumeMigrateEvents[type];
  const reason = type.replace(/(^|\.)(\w)/g, (_all, _dot, letter: string) => letter.toUpperCase());
  return { reason, message: `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.` };
}
