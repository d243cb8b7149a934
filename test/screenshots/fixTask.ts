/** The function of the picture of a fix, which does not pass its test. */
export const fixedFile = {
  name: 'spans.py',
  text: `def merge(intervals):
    merged = []
    for start, end in intervals:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = end
        else:
            merged.append([start, end])
    return merged
`,
};

export const testFile = {
  name: 'test_merge.py',
  text: `import unittest
from spans import merge

class MergeTest(unittest.TestCase):
    def test_inside(self):
        self.assertEqual(merge([[1, 9], [2, 3], [8, 10]]), [[1, 10]])

    def test_unsorted(self):
        self.assertEqual(merge([[5, 6], [1, 2]]), [[1, 2], [5, 6]])
`,
};

export const testCommand = 'python3 -m unittest -q';

/** The end of what the test command prints, in one line: what a user pastes. */
export const testFailure =
  'FAIL: test_unsorted AssertionError: Lists differ: [[5, 2]] != [[1, 2], [5, 6]] FAILED (failures=2)';

/** Programs that race. */
export const programCount = 4;

/** The smallest model that the race is of use for. */
export const fixingModel = 'qwen2.5-coder-1.5b';
