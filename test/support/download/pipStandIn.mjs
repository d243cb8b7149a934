// Stands in for pip: `pip download … --dest FOLDER NAME==VERSION` copies the wheel from the folder in
// PIP_STAND_IN_WHEELS, and logs the name. Fails like pip for a wheel that is not there.
import { appendFileSync, copyFileSync } from 'node:fs';
import path from 'node:path';

const args = process.argv.slice(2);
const folder = process.env.PIP_STAND_IN_WHEELS;
const wheel = `${args.at(-1).replaceAll('-', '_').replace('==', '-')}-py3-none-any.whl`;
try {
  copyFileSync(path.join(folder, wheel), path.join(args[args.indexOf('--dest') + 1], wheel));
  appendFileSync(path.join(folder, 'log.txt'), `${args.at(-1)}\n`);
} catch {
  process.stderr.write(`ERROR: No matching distribution found for ${args.at(-1)}\n`);
  process.exit(1);
}
