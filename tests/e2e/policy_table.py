"""Rows of tests/data/policy-table.tsv: a sample of them, what each must look like, and its policy."""

import csv
import dataclasses
import itertools
import random

import pki
import policies
import product

TABLE = product.PROJECT / "tests" / "data" / "policy-table.tsv"
ROUNDS = 3
SEED = 6464299  # the note's number
ELSEWHERE = "elsewhere.example.test"
IN_PERSONAS = ("email", "gateway", "workplace")
PROXY_EVENTS = ("proxy-match", "local-proxy-match")


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table; `number` counts from 1, and chooses between equal ways to show it."""

    number: int
    mode: str
    service: str
    persona: str
    inspection: str
    local_proxy: str
    expiry: str
    evidence: str
    verdict: str
    violation: str

    def __str__(self):
        return f"{self.number}-{self.service}-{self.evidence}-{self.verdict}"

    @property
    def config_service(self):
        """As the policy spells it."""
        return self.service.partition("+")[0]

    def choose(self, *ways):
        """One of them, the same in every run."""
        return ways[self.number * 7 // 11 % len(ways)]

    @property
    def event(self):
        """The event that is due; None."""
        if self.violation == "yes":
            return "untrusted-connection"
        if self.verdict in PROXY_EVENTS:
            return "proxy-used"
        return "pins-expired" if self.verdict == "pins-expired" else None

    def pairs(self):
        """Every two of its values, verdict included."""
        values = list(dataclasses.asdict(self).items())[1:-1]
        return set(itertools.combinations(values, 2))


def rows():
    """The whole table."""
    with TABLE.open(encoding="ascii", newline="") as table:
        lines = list(csv.DictReader(table, delimiter="\t"))
    return [Row(number, **line) for number, line in enumerate(lines, 1)]


def sample():
    """Some hundred rows: each two values that meet in the table meet in them, as often as ROUNDS."""
    table, chosen = rows(), {}
    shuffled = random.Random(SEED)
    for _ in range(ROUNDS):
        shuffled.shuffle(table)
        seen = set()
        for row in table:
            if row.number not in chosen and row.pairs() - seen:
                seen |= row.pairs()
                chosen[row.number] = row
    return [chosen[number] for number in sorted(chosen)]


def _entry(row, pins):
    settings = {"service": row.config_service, "pins": pins}
    if row.service == "custom+inspection":
        settings["allow_ssl_inspection"] = True
    if row.expiry == "valid":
        settings.update(row.choose({}, {"expires": "2999-12-31", "on_expiry": "open"}))
    elif row.expiry == "expired-open":
        settings.update(expires="2020-01-01", on_expiry="open")
    else:
        settings.update(row.choose({}, {"on_expiry": "enforce"}), expires="2020-01-01")
    return policies.entry(pki.PINNED, **settings)


def _personas(row, entry, proxy_root):
    """One that applies, where the row has it, and one for other devices that allows everything."""
    entries = [entry] if entry else []
    applies = row.persona != "none"
    other = policies.persona(
        "of phones",
        *([] if applies else entries),
        validate=True,
        inspection=True,
        roots=[proxy_root],
        device_groups=["phones"],
    )
    if not applies:
        return [other]
    ours = policies.persona(
        "ours",
        *entries,
        validate=True if row.persona == "validate" else row.choose(False, None),
        inspection=row.inspection == "on",
        roots=[proxy_root],
        **row.choose({}, {"device_groups": ["tablets", "laptops"]}),
    )
    return [other, ours]


def _local_proxy(row, local_root):
    """Roots in every case: it is the proxy, and the word "when-configured", that count."""
    roots = f'roots = ["{local_root.certificate_file}"];'
    url = 'proxy = "http://proxy.example.test:3128";'
    if row.local_proxy == "proxy":
        return f'local_proxy = {{ trust = "when-configured"; {roots} {url} }};'
    if row.local_proxy == "no-proxy":
        return f'local_proxy = {{ trust = "when-configured"; {roots} proxy = "auto"; }};'
    return row.choose("", f'local_proxy = {{ trust = "never"; {roots} {url} }};')


def policy_of(folder, row, pins, cast, trust):
    """The row's policy, as files in a folder; `cast` has the proxy's root and the local one."""
    entry = _entry(row, pins)
    in_persona = row.service in IN_PERSONAS
    other = policies.entry(ELSEWHERE, pins=pins)
    return policies.write(
        folder,
        *((other,) if in_persona else (other, entry)),
        trust=trust,
        switch=row.mode if row.mode != "all-devices" else row.choose(None, row.mode),
        personas=_personas(row, entry if in_persona else None, cast.proxy_root),
        text='device = { groups = ["laptops"]; };\n' + _local_proxy(row, cast.local_root),
    )
