"""A label selector is refused in words where the server would refuse it; only needless blanks are forgiven."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.label_selector import MOST_REQUIREMENTS, canonical_selector
from deploybot.errors import UserError
from tests.domain.strategies import labels
from tests.recordings import exchanges


def sentence(selector: str) -> str:
    with pytest.raises(UserError) as problem:
        canonical_selector(selector)
    return str(problem.value)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("env", "env"),
        ("!env", "!env"),
        ("env=prod", "env=prod"),
        ("env==prod", "env=prod"),
        ("env!=prod", "env!=prod"),
        ("env=", "env="),
        ("env in (prod,dev)", "env in (prod,dev)"),
        ("env notin (prod)", "env notin (prod)"),
        ("example.com/team=web", "example.com/team=web"),
        (" env = prod , ! legacy ", "env=prod,!legacy"),
        ("env in( prod , dev ),tier", "env in (prod,dev),tier"),
        ("in=notin", "in=notin"),
        ("env,,tier", "env,tier"),
    ],
)
def test_every_kind_of_requirement_is_read(typed: str, canonical: str) -> None:
    assert canonical_selector(typed) == canonical


@given(labels)
def test_a_canonical_selector_is_a_fixpoint(selector: str) -> None:
    assert canonical_selector(selector) == selector


@given(st.text() | st.text("ab=!,() in/."))
def test_any_text_is_a_selector_or_a_sentence(text: str) -> None:
    try:
        canonical = canonical_selector(text)
    except UserError:
        return
    assert canonical_selector(canonical) == canonical


@pytest.mark.parametrize(
    ("selector", "told"),
    [
        ("", "is empty"),
        (",", "is empty"),
        ("=x", "key is missing"),
        ("!", "key is missing"),
        ("example.com/=x", "key is missing"),
        ("a/b/c=1", "more than one slash"),
        ("UPPER_dns!/k=1", "not a domain name"),
        ("UPPER_dns/k=1", "not a domain name"),
        ("nodots/k=1", "not a domain name"),
        (f"{'a' * 250}.com/k", "too long: at most 253"),
        ("cloudfoundry.org/x=1", "reserved"),
        ("CloudFoundry.org/x=1", "reserved"),
        ("-bad=1", "begin and end"),
        ("k=-bad", "begin and end"),
        ("k=bad.", "begin and end"),
        ("a" * 64, "too long: at most 63"),
        ("k=" + "a" * 64, "too long: at most 63"),
        ("k in ()", "List what k may be"),
        ("k in (a b)", "may only hold"),
        ("env in prod", "may only hold"),
        ("env=>1", "may only hold"),
        ("é=1", "may only hold"),
        ("k=é", "may only hold"),
        (",".join(f"k{n}" for n in range(51)), f"has 51 parts: at most {MOST_REQUIREMENTS}"),
    ],
)
def test_a_selector_that_the_server_refuses_is_told_in_words(selector: str, told: str) -> None:
    assert told in sentence(selector)


def test_the_greatest_selector_that_the_server_takes_is_taken() -> None:
    longest = f"{'a' * 245}.example/{'b' * 63}={'c' * 63}"
    assert canonical_selector(longest) == longest
    most = ",".join(f"k{n}" for n in range(MOST_REQUIREMENTS))
    assert canonical_selector(most) == most


def recorded() -> dict[str, bool]:
    """Every selector that the real server was asked with, and whether it took it."""
    asked: dict[str, bool] = {}
    for exchange in exchanges():
        parameters = parse_qs(urlsplit(exchange["path"]).query, keep_blank_values=True)
        if exchange["path"].startswith("/v3/deployments?") and exchange["status"] in {200, 400}:
            for selector in parameters.get("label_selector", []):
                if exchange["status"] == 200 or len(parameters) <= 2:
                    asked[selector] = exchange["status"] == 200
    return asked


NEEDLESS_BLANKS = {"env notin (prod, staging ,dev)", " env = prod "}


@pytest.mark.parametrize(("selector", "taken"), sorted(recorded().items()))
def test_the_real_server_agrees(selector: str, taken: bool) -> None:
    """The two with needless blanks are tidied up before they are sent."""
    try:
        canonical_selector(selector)
    except UserError:
        assert not taken
    else:
        assert taken or selector in NEEDLESS_BLANKS
