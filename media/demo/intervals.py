"""Half-open intervals of numbers: merging, measuring and searching them."""


def merge(intervals):
    """Return the intervals in order, joined where they touch or overlap."""
    merged = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            # The interval reaches into the one before it.
            
        else:
            merged.append((start, end))
    return merged


def total_length(intervals):
    """Return how much of the number line the intervals cover between them."""
    return sum(end - start for start, end in merge(intervals))
