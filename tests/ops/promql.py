"""What an expression of Prometheus asks for, compared with what the bot tells."""

import re

from deploybot.ops.metrics import METRICS

OF_PROMETHEUS = {"le", "instance", "job"}
_SELECTOR = re.compile(r"\b((?:deploybot|process)_[a-z_]+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'([a-z_]+)\s*(?:=~|!~|!=|=)\s*"')
_BY = re.compile(r"\b(?:by|on|without)\s*\(([^)]*)\)")
_PROCESS = {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds", "process_max_fds"}


def labels_by_name() -> dict[str, set[str]]:
    """The series that there are, a histogram's three included, each with its labels."""
    found = {name: set[str]() for name in _PROCESS}
    for one in METRICS:
        ends = ("_bucket", "_sum", "_count") if one.kind == "histogram" else ("",)
        found |= {one.full + end: set(one.labels) | ({"le"} if end == "_bucket" else set()) for end in ends}
    return found


def problems_of(expr: str) -> list[str]:
    """Names and labels that nobody tells; and an expression that asks for nothing of the bot's."""
    known = labels_by_name()
    asked = _SELECTOR.findall(expr)
    problems = [f"no metric {name}" for name, _ in asked if name not in known]
    for name, matchers in asked:
        problems += [
            f"{name} has no {one}"
            for one in _MATCHER.findall(matchers)
            if one not in known.get(name, set()) | OF_PROMETHEUS
        ]
    has = set[str]().union(*(known.get(name, set()) for name, _ in asked)) | OF_PROMETHEUS
    for group in _BY.findall(expr):
        problems += [f"no label {one}" for one in re.findall(r"[a-z_]+", group) if one not in has]
    return problems if asked else [*problems, "it asks for nothing of the bot's"]
