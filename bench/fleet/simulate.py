#!/usr/bin/python3
"""A fleet of devices that poll one static bundle: what its server sees, and how fast a policy spreads.

Every device is played by itself, second by second of its own polls, by the rules of agent/timer.c: an interval give or
take a tenth; after failures half a minute that doubles up to the interval. Prints one JSON object; docs/fleet.md says
what it means. Assumptions are options.
"""

import argparse
import array
import json
import random

BACK_OFF = 30  # seconds, after the first failure
JITTER = 0.1
DAY = 86400


def options():
    """What is assumed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--devices", type=int, default=1_000_000)
    parser.add_argument("--interval", type=int, default=3600, help="seconds between two polls")
    parser.add_argument("--bundle", type=int, default=64 * 1024, help="bytes")
    parser.add_argument("--not-modified", type=int, default=350, help="bytes of a 304's header")
    parser.add_argument("--handshake", type=int, default=4500, help="bytes of TLS, from the server")
    parser.add_argument("--max-age", type=int, default=60, help="seconds an edge keeps the bundle")
    parser.add_argument("--publications", type=float, default=1, help="new bundles a day")
    parser.add_argument("--outage", type=int, default=2 * 3600, help="seconds")
    parser.add_argument("--connections", type=float, default=4, help="an hour, to the rotated host")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def delay(chance, interval, failures):
    """agent/timer.c"""
    base = min(BACK_OFF * 2 ** min(failures - 1, 20), interval) if failures else interval
    return base * (1 - JITTER + 2 * JITTER * chance.random())


def percentile(counts, share):
    """The value that this share of them doesn't exceed."""
    return sorted(counts)[min(len(counts) - 1, int(share * len(counts)))]


def steady(chance, assumed):
    """Requests in each second of an interval, long after the devices started at any time."""
    first = 2 * assumed.interval
    seconds = array.array("L", [0]) * assumed.interval
    for _ in range(assumed.devices):
        moment = chance.random() * assumed.interval
        while moment < first + assumed.interval:
            if moment >= first:
                seconds[int(moment) - first] += 1
            moment += delay(chance, assumed.interval, 0)
    return seconds


def rotation(chance, assumed):
    """After a publication at 0: when each device has it, by polls alone, and where programs ask, too."""
    polled, asked = array.array("d"), array.array("d")
    rate = assumed.connections / 3600
    for _ in range(assumed.devices):
        fresh = chance.random() * assumed.max_age  # when its edge looks at the origin again
        moment = chance.random() * delay(chance, assumed.interval, 0)
        while moment < fresh:
            moment += delay(chance, assumed.interval, 0)
        polled.append(moment)
        asked.append(min(moment, max(fresh, chance.expovariate(rate))) if rate else moment)
    return polled, asked


def storm(chance, assumed):
    """Requests in each second from the end of an outage on."""
    horizon = 2 * assumed.interval
    seconds = array.array("L", [0]) * horizon
    recovered = array.array("d")
    for _ in range(assumed.devices):
        moment, failures = chance.random() * delay(chance, assumed.interval, 0), 0
        while moment < assumed.outage:
            failures += 1
            moment += delay(chance, assumed.interval, failures)
        recovered.append(moment - assumed.outage)
        while moment < assumed.outage + horizon:
            seconds[int(moment - assumed.outage)] += 1
            moment += delay(chance, assumed.interval, 0)
    return seconds, recovered


def main():
    """Plays all three, and prints."""
    assumed = options()
    chance = random.Random(assumed.seed)
    polls = assumed.devices * DAY / assumed.interval
    new = assumed.devices * assumed.publications
    usual = steady(chance, assumed)
    polled, asked = rotation(chance, assumed)
    after, recovered = storm(chance, assumed)
    per_second = assumed.devices / assumed.interval
    body = (polls - new) * assumed.not_modified + new * (assumed.bundle + assumed.not_modified)
    print(
        json.dumps(
            {
                "assumed": vars(assumed),
                "requests_per_second": {
                    "mean": round(sum(usual) / len(usual), 1),
                    "p99": percentile(usual, 0.99),
                    "peak": max(usual),
                },
                "share_not_modified": round(1 - new / polls, 4),
                "gigabytes_per_day": {
                    "http": round(body / 1e9, 1),
                    "tls": round(polls * assumed.handshake / 1e9, 1),
                    "origin": round(assumed.publications * assumed.bundle / 1e9, 6),
                },
                "seconds_to_share_of_fleet": {
                    share: {
                        "polls": round(percentile(polled, float(share))),
                        "and_questions": round(percentile(asked, float(share))),
                    }
                    for share in ("0.5", "0.9", "0.99", "0.999")
                },
                "after_an_outage": {
                    "peak_requests_per_second": max(after),
                    "times_the_usual": round(max(after) / per_second, 2),
                    "peak_after_first_minute": max(after[60:]),
                    "seconds_to_0.99_of_fleet": round(percentile(recovered, 0.99)),
                },
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
