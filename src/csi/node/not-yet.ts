import { CsiError } from '../grpc/csi-error.ts';

/**
 * What stands in the way of a call now and passes by itself, mostly within seconds. It is waited for in the call, since
 * kubelet would come back only after its back-off; who is not served in the end is told this.
 */
export class NotYet extends CsiError {
  constructor(message: string, cause?: unknown) {
    super('ABORTED', message, cause);
    this.name = 'NotYet';
  }
}
