// The guest service: runs in each node as its second process and does there what the lab asks. It listens on the
// management address only, which no fault of the lab cuts off.
import { serveRequests } from '../wire/server.ts';
import { exec } from './exec.ts';
import { kubelet } from './kubelet.ts';
import { programs } from './programs.ts';
import type { GuestRequest } from './requests.ts';

const [address = '', port = '', logFolder = ''] = process.argv.slice(2);
const running = programs(logFolder);
const standIn = kubelet();

const server = serveRequests(async (received, caller) => {
  const request = received as GuestRequest;
  switch (request.op) {
    case 'ping':
      return 'pong';
    case 'exec':
      return exec(request, caller);
    case 'startProgram':
      return running.start(request.program);
    case 'endProgram':
      return running.end(request.name, request.signal, request.forget);
    case 'programs':
      return running.list();
    case 'startKubelet':
      return standIn.start(request.config);
    case 'stopKubelet':
      return standIn.stop();
  }
});
server.listen(Number(port), address);
