import { assemble } from '../../src/index.ts';
import { requestFor, serviceFiles } from '../support/requests.ts';

// Arguments: project folder, target. Replaces `web` and keeps `api` unread; prints whether that worked and what was moved.
const [, , folder = '', target = ''] = process.argv;
const whole = requestFor(folder, { web: serviceFiles('web3'), api: serviceFiles('api') }, { target });
const outputs = whole.outputs.filter(({ service }) => service === 'web');
const result = await assemble({ ...whole, outputs, kept: ['api'], intact: new Set(['api']) });
if (result.ok) await result.value.previousGone;
process.stdout.write(JSON.stringify(result.ok ? { ok: true, moved: [...result.value.moved] } : result));
