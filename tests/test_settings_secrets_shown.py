"""No secret is told: not by what is shown, and not by what is said to be wrong, whatever else is configured."""

import json
from collections.abc import Mapping
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploybot.settings.effective import effective, warnings_of
from deploybot.settings.environment import ENVIRONMENT
from deploybot.settings.loading import Reading, read
from deploybot.settings.reference import PLACE, keys

SECRET_KEYS = tuple(key for key in keys() if key.secret)
SECRET_VARIABLES = tuple(variable for key in SECRET_KEYS for variable in key.variables)
OTHER_VARIABLES = tuple(variable for variable in ENVIRONMENT if variable not in SECRET_VARIABLES)
MARK = "Zq7"
"""In every secret, and in nothing else."""
SHAPES = (
    "{}",
    "xoxb-{}",
    "xapp-{}",
    " {}",
    "{}\n{}",
    '"{}"',
    "postgres://u:{}@h/d",
    "postgres://u:{}@[h",
    "mysql://{}@h/d",
    "{}=",
)
SECRETS = st.tuples(st.sampled_from(SHAPES), st.text("abc\u2100:/@ ", max_size=20)).map(
    lambda parts: parts[0].replace("{}", f"{MARK}{parts[1]}{MARK}")
)
OTHERS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00Z"), max_size=12)


def _told(reading: Reading) -> str:
    values = [f"{one.path} {one.shown} {one.source}" for one in effective(reading)]
    return "\n".join([*values, *reading.problems, *warnings_of(reading), repr(reading)])


def _file(secrets: Mapping[str, str], other: str) -> str:
    lines = [
        f"{path.replace(PLACE, 'eu')} = {json.dumps(secret, ensure_ascii=False)}" for path, secret in secrets.items()
    ]
    return "\n".join([*lines, f"answers.deadline = {json.dumps(other, ensure_ascii=False)}"])


@given(
    in_file=st.dictionaries(st.sampled_from([key.path for key in SECRET_KEYS]), SECRETS, max_size=5),
    in_environment=st.dictionaries(st.sampled_from(SECRET_VARIABLES), SECRETS, max_size=5),
    others=st.dictionaries(st.sampled_from(OTHER_VARIABLES), OTHERS, max_size=3),
    in_service=st.dictionaries(st.sampled_from([*SECRET_VARIABLES, "uri", "SLACK_BOT_TOKN"]), SECRETS, max_size=3),
    other=OTHERS.filter(str.isprintable),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_secret_is_told_by_anything(
    tmp_path: Path,
    in_file: dict[str, str],
    in_environment: dict[str, str],
    others: dict[str, str],
    in_service: dict[str, str],
    other: str,
) -> None:
    file = tmp_path / "bot.toml"
    file.write_text(_file(in_file, other), encoding="utf-8")
    service = {"name": "deploybot-db", "label": "user-provided", "credentials": in_service}
    environ = {**others, **in_environment, "VCAP_SERVICES": json.dumps({"user-provided": [service]})}
    reading = read(file, environ, transport="http")
    assert not any("is not valid TOML" in problem for problem in reading.problems)
    assert MARK not in _told(reading)
    set_ = {one.path for one in effective(reading) if one.is_set and one.is_secret}
    assert {path.replace(PLACE, "eu") for path in in_file} <= set_
