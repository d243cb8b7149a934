import type { RenameTask } from './renameTask.ts';

const task = (rest: Omit<RenameTask, 'language'>): RenameTask => ({ language: 'python', ...rest });

/** A small module, of which long prompts are made, too. */
export const ledgerModule = `from dataclasses import dataclass


@dataclass
class Entry:
    account: str
    amount: int
    note: str


def parse_line(line):
    account, amount, note = line.split(",", 2)
    return Entry(account.strip(), int(amount), note.strip())


def load_entries(path):
    with open(path) as lines:
        return [parse_line(line) for line in lines if line.strip()]


def total(entries):
    totals = {}
    for entry in entries:
        totals[entry.account] = totals.get(entry.account, 0) + entry.amount
    return totals


def print_report(path):
    for account, amount in sorted(total(load_entries(path)).items()):
        print(f"{account}: {amount}")
`;

/** Five Python files, each with the function in its definition and at least one use. */
export const pythonRenames: readonly RenameTask[] = [
  task({
    name: 'ledger',
    from: 'total',
    to: 'sum_by_account',
    change: 'annotate its parameter as list[Entry] and its result as dict[str, int]',
    parameters: ['entries: list[Entry]'],
    result: 'dict[str, int]',
    source: ledgerModule,
  }),
  task({
    name: 'retry',
    from: 'attempt',
    to: 'call_with_retries',
    change: 'annotate its parameters as Callable[[], str] and int, and its result as str',
    parameters: ['action: Callable[[], str]', 'tries: int'],
    result: 'str',
    source: `import logging
import time
import urllib.request

log = logging.getLogger(__name__)
FIRST_DELAY = 0.5


def attempt(action, tries):
    delay = FIRST_DELAY
    for number in range(1, tries + 1):
        try:
            return action()
        except OSError as error:
            if number == tries:
                raise
            log.warning("try %d of %d failed: %s", number, tries, error)
            time.sleep(delay)
            delay *= 2


def fetch_text(url):
    def action():
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.read().decode("utf-8")

    return attempt(action, 4)


def fetch_all(urls):
    return {url: fetch_text(url) for url in urls}
`,
  }),
  task({
    name: 'inventory',
    from: 'low',
    to: 'find_low_stock',
    change: 'annotate its parameters as dict[str, int] and int, and its result as list[str]',
    parameters: ['counts: dict[str, int]', 'threshold: int'],
    result: 'list[str]',
    source: `import json


class Inventory:
    def __init__(self, path):
        self.path = path
        self.counts = {}

    def load(self):
        with open(self.path) as file:
            self.counts = json.load(file)

    def save(self):
        with open(self.path, "w") as file:
            json.dump(self.counts, file, indent=2, sort_keys=True)

    def add(self, name, count):
        self.counts[name] = self.counts.get(name, 0) + count

    def remove(self, name, count):
        held = self.counts.get(name, 0)
        if held < count:
            raise ValueError(f"only {held} of {name} left")
        self.counts[name] = held - count


def low(counts, threshold):
    return sorted(name for name, count in counts.items() if count < threshold)


def order_list(inventory, threshold=5):
    inventory.load()
    return [f"order {name}" for name in low(inventory.counts, threshold)]
`,
  }),
  task({
    name: 'matrix',
    from: 'mul',
    to: 'multiply',
    change: 'annotate its parameters and its result as list[list[float]]',
    parameters: ['left: list[list[float]]', 'right: list[list[float]]'],
    result: 'list[list[float]]',
    source: `def identity(size):
    return [[1.0 if row == column else 0.0 for column in range(size)] for row in range(size)]


def transpose(matrix):
    return [list(column) for column in zip(*matrix)]


def mul(left, right):
    columns = transpose(right)
    return [
        [sum(a * b for a, b in zip(row, column)) for column in columns]
        for row in left
    ]


def power(matrix, exponent):
    if exponent < 0:
        raise ValueError("negative exponents are not supported")
    result = identity(len(matrix))
    while exponent > 0:
        if exponent % 2 == 1:
            result = mul(result, matrix)
        matrix = mul(matrix, matrix)
        exponent //= 2
    return result


def fibonacci(number):
    return int(power([[1.0, 1.0], [1.0, 0.0]], number)[0][1])
`,
  }),
  task({
    name: 'log reader',
    from: 'parse',
    to: 'parse_record',
    change: 'annotate its parameter as str and its result as Record | None',
    parameters: ['line: str'],
    result: 'Record | None',
    source: `import re
from collections import Counter
from typing import NamedTuple

PATTERN = re.compile(r"^(\\S+) \\[(\\w+)\\] (.*)$")


class Record(NamedTuple):
    time: str
    level: str
    message: str


def parse(line):
    match = PATTERN.match(line.rstrip())
    if match is None:
        return None
    time, level, message = match.groups()
    return Record(time, level.lower(), message)


def read_records(lines):
    for line in lines:
        record = parse(line)
        if record is not None:
            yield record


def count_levels(lines):
    return Counter(record.level for record in read_records(lines))


def first_error(lines):
    for record in read_records(lines):
        if record.level == "error":
            return record.message
    return None
`,
  }),
];
