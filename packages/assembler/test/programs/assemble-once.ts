import { assemble } from '../../src/index.ts';
import { requestFor, serviceFiles } from '../support/requests.ts';

// Arguments: project folder, target, content. Prints the result.
const [, , folder = '', target = '', content = 'web'] = process.argv;
const result = await assemble(requestFor(folder, { web: serviceFiles(content) }, { target }));
process.stdout.write(JSON.stringify(result));
