"""`make bench`: runs the benchmarks, all or those named (`p2 p9`), and prints each ratio beside its goal."""

import importlib
import sys

from deploybot.ops.logs import set_up_logs

BENCHES = (
    "p1_ack",
    "p2_answer",
    "p3_walk",
    "p4_decode",
    "p5_beside",
    "p6_requests",
    "p7_observe",
    "p8_due",
    "p9_start",
    "p10_page",
    "ledger_million",
    "digest_build",
    "watch_cost",
)


def main(names: list[str]) -> int:
    """Exit code 1 when a goal is missed, 2 for a name that there is not."""
    chosen = [bench for bench in BENCHES if not names or bench.partition("_")[0] in names]
    if not chosen:
        print(f"no such benchmark; there are {', '.join(bench.partition('_')[0] for bench in BENCHES)}")
        return 2
    set_up_logs("console", "error")
    ratios = []
    for bench in chosen:
        for ratio in importlib.import_module(f"bench.{bench}").run():
            print(ratio.line(), flush=True)
            ratios.append(ratio)
    return 0 if all(ratio.reached for ratio in ratios) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
