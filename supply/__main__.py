"""`make audit` and `make sbom`: `python -m supply audit`, and `python -m supply sbom ENVIRONMENT FILE`."""

import json
import sys
from pathlib import Path

from supply.audit import audit
from supply.locked import locked
from supply.sbom import made, of_locked, problems

LOCK = Path("requirements/run.txt")


def main(arguments: list[str]) -> int:
    match arguments:
        case ["audit"]:
            found = audit(str(LOCK))
            print(*found.lines, sep="\n")
            return found.code
        case ["sbom", environment, file]:
            return _list(Path(environment), Path(file))
        case _:
            print(__doc__)
            return 2


def _list(environment: Path, file: Path) -> int:
    lock = LOCK.read_text()
    bom = of_locked(made(environment, Path("pyproject.toml")), {one.name for one in locked(lock)})
    wrong = problems(bom, lock)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    if not wrong:
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(bom, indent=2, sort_keys=True) + "\n")
        print(f"{len(bom['components'])} packages are listed in {file}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
