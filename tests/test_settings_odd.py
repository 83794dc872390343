"""Configurations as they go wrong in practice: each is read as it was meant, or told in one clear sentence."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deploybot.errors import ConfigError
from deploybot.settings.effective import effective
from deploybot.settings.environment import CHOOSING, ENVIRONMENT
from deploybot.settings.loading import load, load_what_can_be, read
from deploybot.settings.model import Settings
from deploybot.settings.reference import keys

FOUNDATION = '[foundations.eu]\napi = "https://api.eu.example"\nclient_id = "c"\nclient_secret = "from-file"\n'
ENVIRON = {"CF_API": "https://api.cf.example", "CF_CLIENT_ID": "deploybot", "CF_CLIENT_SECRET": "s3cret"}


def _problems(config: Path | None, **environ: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(config, environ, transport=None)
    assert not any("\n" in problem for problem in caught.value.problems)
    return caught.value.problems


def _written(path: Path, raw: bytes) -> Path:
    file = path / "bot.toml"
    file.write_bytes(raw)
    return file


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + FOUNDATION.encode(),
        FOUNDATION.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + FOUNDATION.replace("\n", "\r\n").encode(),
        FOUNDATION.rstrip("\n").encode(),
    ],
    ids=["byte order mark", "crlf", "both", "no newline at the end"],
)
def test_what_windows_editors_write_is_read(tmp_path: Path, raw: bytes) -> None:
    assert list(load(_written(tmp_path, raw), {}, transport=None).foundations) == ["eu"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'[log]\nlevel = "info"\nlevel = "debug"\n', "is not valid TOML: Cannot overwrite a value (at line 3"),
        (b'[log]\nlevel = "info"\n[log]\nformat = "json"\n', "is not valid TOML: Cannot declare ('log',) twice"),
        ('[guards]\nname = "für alle"'.encode("latin-1"), "cannot be read (it is not text in UTF-8)"),
        ("[log]\n".encode("utf-16"), "cannot be read (it is not text in UTF-8)"),
        (b"x = " + b"[" * 5000, "is not valid TOML: "),
        (b"x = " + b"9" * 5000, "is not valid TOML: a number in it is too long"),
        (b"#" * 1024 * 1025, "cannot be read (it is larger than 1 MB)"),
        (b"SLACK_BOT_TOKEN=xoxb-1\n", "is not valid TOML: "),
    ],
)
def test_a_file_that_is_no_toml_is_told_in_a_sentence(tmp_path: Path, raw: bytes, said: str) -> None:
    file = _written(tmp_path, raw)
    assert any(problem.startswith(f"{file} {said}") for problem in _problems(file, **ENVIRON))


def test_a_directory_in_place_of_the_file_is_told_though_nobody_named_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Docker makes one where a file to mount is missing."""
    (tmp_path / "deploybot.toml").mkdir()
    monkeypatch.chdir(tmp_path)
    assert _problems(None, **ENVIRON) == (
        "deploybot.toml cannot be read (Is a directory): check --config or DEPLOYBOT_CONFIG",
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('[answers]\ndeadline = ""', "answers.deadline: '' is no duration: write it like 30s, 10m, 8h or 1d"),
        ('[answers]\ndeadline = "8 bananas"', "answers.deadline: '8 bananas' is no duration: "),
        ("[answers]\ndeadline = true", "answers.deadline: this is no duration: "),
        ("[answers]\ndeadline = nan", "answers.deadline: this is no duration: "),
        ("[answers]\ndeadline = -5", "answers.deadline: must be longer than 0s, and 36500d at most"),
        ('[answers]\ndeadline = "999999999d"', "answers.deadline: must be longer than 0s, and 36500d at most"),
        ("[answers]\ndeadline = [1]", "answers.deadline: is no duration: "),
        ("[http]\nport = true", "http.port: this is no number: write one"),
        ("[http]\nport = 1.5", "http.port: is no whole number: write one"),
        ('[http]\nport = "web"', "http.port: is no whole number: write one"),
        ("[http]\nport = 65536", "http.port: must be 65535 at most"),
        ("[http]\nport = -1", "http.port: must be at least 0"),
        ('[http]\nhost = ""', "http.host: is empty: give it a value, or remove the line"),
        ("[polling]\nrate_share = 0", "polling.rate_share: must be more than 0"),
        ("[polling]\nrate_share = nan", "polling.rate_share: "),
        ('[store]\ndata_dir = ""', "store.data_dir: is empty: write a path, or remove the line"),
        (
            '[store]\ndatabase_url = "postgresql://u:pa55\\u2100word@h/db"',
            "store.database_url: write it like postgresql://",
        ),
        ('[linking]\nallow_admin = "ja"', "linking.allow_admin: is neither true nor false: write one of them"),
        ('[slack]\nbot_token = "xoxb-1 "', "slack.bot_token: begins or ends with white space: take it away"),
        ('[slack]\nbot_token = "xoxb-1\\n2"', "slack.bot_token: has a line end or another character"),
        ('[slack]\nbot_token_file = ""', "slack.bot_token_file: is empty: write the path of a file with the value"),
        ('[slack]\nbot_token = "xoxb-1"\nbot_token_file = "x"', "slack.bot_token_file: bot_token is set as well"),
        ('[tracing]\nendpoint = "https://me:pa55@otlp.example"', "tracing.endpoint: no user or password belongs into"),
        ('[tracing]\nendpoint = "https://[otlp"', "tracing.endpoint: this is no address: "),
        ("slack = 5", "slack: is no section: "),
        ("log = []", "log: is no section: "),
        ("guards = 5", "guards: is no list: "),
    ],
)
def test_a_value_that_is_none_is_told_with_what_to_write(tmp_path: Path, line: str, said: str) -> None:
    problems = _problems(_written(tmp_path, f"{line}\n{FOUNDATION}".encode()))
    assert any(problem.startswith(said) for problem in problems), problems
    assert not any("pa55" in problem for problem in problems)


@pytest.mark.parametrize("text", ["yes", "on", "true", "1", "True"])
def test_a_variable_says_yes_in_any_usual_way(text: str) -> None:
    loaded = load(None, {**ENVIRON, "DEPLOYBOT_LINK_ALLOW_ADMIN": text}, transport=None)
    assert loaded.linking.allow_admin is True


@pytest.mark.parametrize("quote", ['"', "'"])
def test_quotes_that_were_pasted_into_a_variable_are_told(quote: str) -> None:
    """`docker run --env-file` keeps them."""
    (problem,) = _problems(None, **{**ENVIRON, "CF_CLIENT_SECRET": f"{quote}s3cret{quote}"})
    assert problem == "CF_CLIENT_SECRET: its value is in quotes, which count as part of it: take them away"


def test_white_space_at_the_ends_of_a_variable_does_not_count_and_is_told() -> None:
    """A Kubernetes secret that was made by `echo` ends in a newline."""
    reading = read(None, {**ENVIRON, "CF_CLIENT_SECRET": " s3cret\n"}, transport=None)
    assert reading.settings
    secret = reading.settings.foundations["cf"].client_secret
    assert secret
    assert secret.get_secret_value() == "s3cret"
    assert reading.warnings == ("CF_CLIENT_SECRET: white space at its ends does not count: take it away",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one\ntwo\n", "has several lines: write the value alone into it"),
        ("", "is empty: write the value into it"),
        (" \n\n", "is empty: write the value into it"),
    ],
)
def test_a_file_with_more_or_less_than_one_value_is_told(tmp_path: Path, text: str, said: str) -> None:
    file = _written(tmp_path, text.encode())
    environ = {name: value for name, value in ENVIRON.items() if name != "CF_CLIENT_SECRET"}
    problems = _problems(None, **environ, CF_CLIENT_SECRET_FILE=str(file))
    assert problems[0] == f"CF_CLIENT_SECRET_FILE: {file} {said}"


def test_empty_lines_below_the_value_in_a_file_do_not_count_and_are_told(tmp_path: Path) -> None:
    file = _written(tmp_path, b"xoxb-1\n\n\n")
    reading = read(None, {**ENVIRON, "SLACK_BOT_TOKEN_FILE": str(file)}, transport=None)
    assert reading.settings
    assert reading.warnings == (f"SLACK_BOT_TOKEN_FILE: {file} has empty lines, which do not count: take them away",)


def test_a_foundation_whose_name_differs_in_case_only_is_told(tmp_path: Path) -> None:
    problems = _problems(_written(tmp_path, FOUNDATION.encode()), CF_NAME="EU", CF_CLIENT_SECRET="other")
    assert problems[0] == "CF_NAME: there is no foundation EU in the file: write eu, or another name"


def test_where_there_are_several_foundations_a_variable_says_which_it_is_about(tmp_path: Path) -> None:
    two = FOUNDATION + FOUNDATION.replace("eu", "us")
    problems = _problems(_written(tmp_path, two.encode()), CF_CLIENT_SECRET="other")
    assert problems[0] == "CF_CLIENT_SECRET: nobody knows of which foundation: set CF_NAME to eu or us"


def test_of_two_variables_for_one_field_it_is_told_which_wins() -> None:
    reading = read(None, {**ENVIRON, "PORT": "8080", "DEPLOYBOT_HTTP_PORT": "3001"}, transport=None)
    assert reading.settings
    assert reading.settings.http.port == 3001
    assert reading.warnings == (
        "PORT: does not count, since DEPLOYBOT_HTTP_PORT is set to something else: unset one of them",
    )
    assert read(None, {**ENVIRON, "PORT": "8080", "DEPLOYBOT_HTTP_PORT": "8080"}, transport=None).warnings == ()


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
PLAUSIBLE = st.text(max_size=30) | st.sampled_from(
    [
        "https://[",
        "https://a:b@c",
        "//",
        "https://\u2100",
        "postgresql://\u2100@x/y",
        "10m",
        "on=(",
        "true",
        "\x00",
        "@",
    ]
)


@st.composite
def configurations(draw: st.DrawFn) -> str:
    """TOML with our names and anything for values."""
    lines = []
    for heading in draw(st.lists(st.sampled_from(sorted({key.table for key in keys()})), unique=True, max_size=4)):
        is_list = heading in ("access.rules", "guards")
        placed = heading.replace("NAME", draw(st.just("eu") | st.text(max_size=5).map(_toml)))
        lines.append(f"[[{heading}]]" if is_list else f"[{placed}]")
        inside = [key.name for key in keys() if key.table == heading]
        names = draw(st.lists(st.sampled_from(inside), unique=True, max_size=4))
        lines += [f"{name} = {_toml(draw(PLAUSIBLE | TREES))}" for name in names]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    match value:
        case None:
            return '""'
        case bool():
            return str(value).lower()
        case str():
            escaped = "".join(f"\\U{ord(one):08x}" if not 0xD800 <= ord(one) < 0xE000 else "" for one in value)
            return f'"{escaped}"'
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            return f"{{{', '.join(f'{_toml(key)} = {_toml(one)}' for key, one in value.items())}}}"
        case _:
            return str(value)


@given(
    st.text(max_size=60) | configurations(),
    st.dictionaries(
        st.sampled_from([*ENVIRONMENT, *CHOOSING, "VCAP_SERVICES", "DEPLOYBOT_LINK_KEYS_FILE", "CF_API_FILE"]),
        PLAUSIBLE.map(lambda text: text.replace("\x00", "")),
        max_size=4,
    ),
    st.sampled_from([None, "socket", "http"]),
)
@example("[foundations.eu]\napi = 1e999", {"DEPLOYBOT_RETENTION": "999999999d"}, "http")
@example('[foundations."a\\nb"]\napi = "x"', {"CF_NAME": "c\nd", "CF_USERNAME": "u"}, None)
@example(f"{FOUNDATION}\n[store]\nretention = 1e300", {}, None)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_configured_there_are_settings_or_sentences(
    tmp_path: Path, text: str, environ: dict[str, str], transport: Any
) -> None:
    file = _written(tmp_path, text.encode("utf-8", "surrogatepass"))
    environ = {**environ, "DEPLOYBOT_CONFIG": str(file)}
    outcome: Settings | ConfigError
    try:
        outcome = load(None, environ, transport=transport)
    except ConfigError as error:
        outcome = error
    salvaged = load_what_can_be(None, environ, transport=transport)
    if isinstance(outcome, ConfigError):
        assert salvaged.problems == outcome.problems
        assert outcome.problems
        assert all(problem and problem.isprintable() for problem in outcome.problems)
    else:
        assert outcome.foundations
        assert (salvaged.settings, salvaged.problems) == (outcome, ())


@given(configurations(), st.dictionaries(st.sampled_from(list(ENVIRONMENT)), PLAUSIBLE, max_size=4))
@example("guards = 'x'\nfoundations = 5\nslack = []\naccess = {rules = {who = 'x'}}", {})
@example('foundations.eu = 5\nguards = [5]\n[access]\nrules = ["x"]\n[http]\nport = {a = 1979-05-27}', {})
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_configured_can_be_shown(tmp_path: Path, text: str, environ: dict[str, str]) -> None:
    shown = effective(read(_written(tmp_path, text.encode("utf-8", "surrogatepass")), environ, transport=None))
    assert {"slack.bot_token", "log.level"} <= {one.path for one in shown}
    assert all(f"{one.path}{one.shown}{one.source}".isprintable() for one in shown)
