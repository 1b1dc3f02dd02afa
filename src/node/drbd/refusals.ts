import type { CommandError } from '../errors.ts';
import { refusal, type RefusalTable } from '../refuse.ts';
import type { CommandOutput } from '../run.ts';

/** DRBD's number in parentheses is its stable key; the rest are words of drbdadm and drbdmeta. */
const drbdRefusals: RefusalTable = [
  [/\(-1\)/, 'DRBD_PEER_IS_PRIMARY'],
  [/\(-2\)/, 'DRBD_NO_UP_TO_DATE_DATA'],
  [/\(-7\)/, 'DRBD_PEER_NOT_OUTDATED'],
  [/\(-10\)/, 'DRBD_REFUSED_BY_PEER'],
  [/\(-12\)/, 'DEVICE_IN_USE'],
  [/\((102|103)\)/, 'DRBD_ADDRESS_IN_USE'],
  [/\((119|118)\)|No valid meta data found/i, 'DRBD_NO_METADATA'],
  [/not defined in your config|unknown resource|\(158\)/i, 'DRBD_UNKNOWN_RESOURCE'],
  [/Valid meta data seems to be in place|unclean/i, 'DRBD_METADATA_EXISTS'],
  [/is configured!|Device or resource busy|\(104\)|\(114\)|\(115\)/i, 'DEVICE_IN_USE'],
  [/No such file or directory|\(105\)|\(111\)/i, 'DEVICE_NOT_FOUND'],
  [/Input\/output error|pread.*failed/i, 'DEVICE_UNREADABLE'],
  [/module.*not (found|loaded)|Could not connect to 'drbd' generic netlink|drbd driver.*loaded/i, 'DRBD_NOT_LOADED'],
];

export const drbdRefusal = (command: string, output: CommandOutput): CommandError =>
  refusal(command, output, drbdRefusals);
