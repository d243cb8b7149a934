import argparse
import json
import logging
import statistics
import sys
import urllib.request
from datetime import date, timedelta

log = logging.getLogger(__name__)

STATIONS = {"harbour": 1042, "hill": 1077, "airport": 1103}


def fetch_day(base_url, station, day, timeout=10):
    """Return the readings of one station on one day as a list of dictionaries."""
    url = f"{base_url}/stations/{STATIONS[station]}/{day.isoformat()}.json"
    log.debug("fetching %s", url)
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            payload = json.load(response)
    except OSError as error:
        log.warning("could not read %s: %s", url, error)
        return []
    return [reading for reading in payload["readings"] if reading["temperature"] is not None]


def summarize(readings):
    temperatures = [reading["temperature"] for reading in readings]
    if not temperatures:
        return None
    return {
        "count": len(temperatures),
        "min": min(temperatures),
        "max": max(temperatures),
        "mean": round(statistics.mean(temperatures), 1),
        "spread": round(statistics.pstdev(temperatures), 2),
    }


def days_between(first, last):
    current = first
    while current <= last:
        yield current
        current += timedelta(days=1)


def format_row(day, summary):
    if summary is None:
        return f"{day}  no readings"
    return f"{day}  {summary['min']:6.1f} {summary['mean']:6.1f} {summary['max']:6.1f}  ({summary['count']})"


def parse_args(argv):
    parser = argparse.ArgumentParser(description="Print temperatures of a weather station by day.")
    parser.add_argument("station", choices=sorted(STATIONS))
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date.today())
    parser.add_argument("--base-url", default="http://localhost:8080")
    parser.add_argument("-v", "--verbose", action="store_true")
    return parser.parse_args(argv)


def main(argv=None):
    args = parse_args(argv)
    logging.basicConfig(level=logging.DEBUG if args.verbose else logging.WARNING)
    if args.first > args.last:
        print("the first day comes after the last", file=sys.stderr)
        return 2
    for day in days_between(args.first, args.last):
        print(format_row(day, summarize(fetch_day(args.base_url, args.station, day))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
