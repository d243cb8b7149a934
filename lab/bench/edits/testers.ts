import { outcomeFile } from '../tasks/boundedProgram.ts';

/**
 * Programs that load each file of `cases.json` as a module of its own, run its checks, and write what became of each into the
 * outcome file. A file under test does not run as the main program. Of a check only a failed assertion says that a text was
 * followed: where it cannot run, the tests decide.
 */
export const pythonTester = `
import json, os, signal, sys, types

SECONDS = 2

def out_of_time(*_):
    raise TimeoutError()

def error_of(step):
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        step()
        return None
    except BaseException as error:
        return error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)

def outcome_of(case, name):
    try:
        code = compile(case['source'], name, 'exec')
    except (SyntaxError, ValueError):
        return 'notParsed'
    module = types.ModuleType(name)
    sys.modules[name] = module
    if error_of(lambda: exec(code, module.__dict__)) is not None:
        return 'failed'
    scope = lambda: {**module.__dict__, 'source': case['source'], 'edited': module}
    if isinstance(error_of(lambda: exec(case['check'], scope())), AssertionError):
        return 'followed'
    return 'passed' if error_of(lambda: exec(case['tests'], scope())) is None else 'failed'

signal.signal(signal.SIGALRM, out_of_time)
with open('cases.json', encoding='utf-8') as file:
    cases = json.load(file)
outcomes = [outcome_of(case, f'edited{index}') for index, case in enumerate(cases)]
with open('${outcomeFile}', 'w') as file:
    json.dump(outcomes, file)
os._exit(0)
`;

export const nodeTester = `
const assert = require('node:assert/strict');
const fs = require('node:fs');

const AsyncFunction = (async () => {}).constructor;

async function errorOf(body, scope) {
  try {
    await new AsyncFunction(...Object.keys(scope), body)(...Object.values(scope));
    return null;
  } catch (thrown) {
    return { isAssertion: thrown instanceof assert.AssertionError };
  }
}

async function outcomeOf({ source, script, check, tests }) {
  if (script === null) return 'notParsed';
  const module = { exports: {} };
  try {
    new Function('module', 'exports', 'require', script)(module, module.exports, require);
  } catch {
    return 'failed';
  }
  const scope = { ...module.exports, assert, source };
  if ((await errorOf(check, scope))?.isAssertion) return 'followed';
  return (await errorOf(tests, scope)) === null ? 'passed' : 'failed';
}

(async () => {
  const outcomes = [];
  for (const one of JSON.parse(fs.readFileSync('cases.json', 'utf8'))) outcomes.push(await outcomeOf(one));
  fs.writeFileSync('${outcomeFile}', JSON.stringify(outcomes));
  process.exit(0);
})();
`;
