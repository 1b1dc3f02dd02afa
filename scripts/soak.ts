// `npm run soak`: operators of @dot-kube/operator against an API server that is out of order. Fails when not all comes
// out as wanted.
import { Command, InvalidArgumentError } from 'commander';
import { tellSoak } from '../test/soak/report.ts';
import { soak } from '../test/soak/soak.ts';
import { endWithMessage } from './setup/requirement-error.ts';

const say = (line: string): void => console.error(`soak: ${line}`);
const largestSeed = 2 ** 31 - 1;

const wholeUpTo = (most: number) => (text: string) => {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw new InvalidArgumentError(`a number from 1 to ${most} is needed.`);
  return number;
};

const program = new Command('soak')
  .description(
    'Lets operators work while every fifth call fails or is late and servers go away, and looks what came of it.',
  )
  .option('--minutes <count>', 'how long objects are changed; the heap is judged from 5 on', wholeUpTo(1440), 10)
  .option('--seed <number>', 'what decides on faults and changes; one by chance unless given', wholeUpTo(largestSeed))
  .option('--json', 'print a JSON object, for programs', false)
  .showHelpAfterError()
  .action(async ({ minutes, json, seed }: { minutes: number; json: boolean; seed?: number }) => {
    const report = await soak({ minutes, seed: seed ?? Math.ceil(Math.random() * largestSeed), say });
    console.log(json ? JSON.stringify(report, undefined, 2) : `\n${tellSoak(report)}`);
    if (report.complaints.length > 0) process.exitCode = 1;
  });

await endWithMessage('soak', async () => void (await program.parseAsync()));
