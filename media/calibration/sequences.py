from typing import Dict, List, Optional, Tuple


def running_mean(numbers: List[float], window: int) -> List[float]:
    """Mean of each stretch of `window` successive numbers.

    >>> running_mean([1.0, 2.0, 3.0, 4.0], 2)
    [1.5, 2.5, 3.5]
    """
    if window <= 0 or window > len(numbers):
        return []
    total = sum(numbers[:window])
    means = [total / window]
    for i in range(window, len(numbers)):
        total += numbers[i] - numbers[i - window]
        means.append(total / window)
    return means


def longest_common_prefix(words: List[str]) -> str:
    """The longest text that all words begin with.

    >>> longest_common_prefix(["flower", "flow", "flight"])
    'fl'
    """
    if not words:
        return ""
    prefix = words[0]
    for word in words[1:]:
        while not word.startswith(prefix):
            prefix = prefix[:-1]
            if not prefix:
                return ""
    return prefix


def pairs_with_sum(numbers: List[int], target: int) -> List[Tuple[int, int]]:
    """Every pair of different places whose numbers add up to the target."""
    seen: Dict[int, List[int]] = {}
    pairs = []
    for i, number in enumerate(numbers):
        for j in seen.get(target - number, []):
            pairs.append((j, i))
        seen.setdefault(number, []).append(i)
    return pairs


def run_lengths(text: str) -> List[Tuple[str, int]]:
    """
    >>> run_lengths("aaabcc")
    [('a', 3), ('b', 1), ('c', 2)]
    """
    runs: List[Tuple[str, int]] = []
    for letter in text:
        if runs and runs[-1][0] == letter:
            runs[-1] = (letter, runs[-1][1] + 1)
        else:
            runs.append((letter, 1))
    return runs


def is_balanced(text: str) -> bool:
    """Whether every bracket is closed by its own kind, in the right order."""
    closing = {")": "(", "]": "[", "}": "{"}
    stack = []
    for letter in text:
        if letter in closing.values():
            stack.append(letter)
        elif letter in closing:
            if not stack or stack.pop() != closing[letter]:
                return False
    return not stack


def prime_factors(n: int) -> List[int]:
    """Prime factors of n in ascending order, repeated as often as they divide it."""
    factors = []
    divisor = 2
    while divisor * divisor <= n:
        while n % divisor == 0:
            factors.append(divisor)
            n //= divisor
        divisor += 1 if divisor == 2 else 2
    if n > 1:
        factors.append(n)
    return factors


def first_repeated(items: List[str]) -> Optional[str]:
    """The first item that was there before, or None when all are different."""
    seen = set()
    for item in items:
        if item in seen:
            return item
        seen.add(item)
    return None


def rotate(matrix: List[List[int]]) -> List[List[int]]:
    """The matrix turned clockwise by a quarter."""
    return [list(row) for row in zip(*matrix[::-1])]


def roman_to_int(text: str) -> int:
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    total = 0
    for i, letter in enumerate(text):
        value = values[letter]
        if i + 1 < len(text) and values[text[i + 1]] > value:
            total -= value
        else:
            total += value
    return total


def merge_sorted(left: List[int], right: List[int]) -> List[int]:
    merged = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            merged.append(left[i])
            i += 1
        else:
            merged.append(right[j])
            j += 1
    merged.extend(left[i:])
    merged.extend(right[j:])
    return merged


def binary_search(items: List[int], wanted: int) -> int:
    low, high = 0, len(items) - 1
    while low <= high:
        middle = (low + high) // 2
        if items[middle] == wanted:
            return middle
        if items[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return -1


def title_case(sentence: str) -> str:
    small = {"a", "an", "and", "of", "the", "in"}
    words = sentence.lower().split()
    return " ".join(word if word in small and i > 0 else word.capitalize() for i, word in enumerate(words))
