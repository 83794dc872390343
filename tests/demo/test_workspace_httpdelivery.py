"""Signed HTTP delivery of the simulated workspace, checked with slack_sdk's own verifier."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier
from starlette.responses import PlainTextResponse, Response

from deploybot.demo.workspace.delivery import Kind, Parcel
from deploybot.demo.workspace.httpdelivery import signature, to_body
from tests.demo.workspace_app import app_in_workspace, heard
from tests.workspace_client import EAGER, SIGNING_SECRET


@given(st.text(max_size=50), st.integers(0, 2_000_000_000))
def test_slack_sdk_accepts_every_signature(body: str, timestamp: int) -> None:
    verifier = SignatureVerifier(SIGNING_SECRET)
    assert verifier.generate_signature(timestamp=str(timestamp), body=body) == signature(
        SIGNING_SECRET, str(timestamp), body
    )


async def test_a_command_comes_signed_as_a_form() -> None:
    async with app_in_workspace() as (slack, app):
        await slack.command("alice", "#checkout", "/deployments app=payload-service&co")

        headers = app.headers[0]
        assert headers["content-type"] == "application/x-www-form-urlencoded"
        body = to_body(Parcel(Kind.COMMAND, app.heard[0]))[1]
        assert SignatureVerifier(SIGNING_SECRET).is_valid(
            body, headers["x-slack-request-timestamp"], headers["x-slack-signature"]
        )
        assert app.heard[0]["text"] == "app=payload-service&co"


async def test_an_event_that_fails_comes_again_with_its_number_and_reason() -> None:
    async with app_in_workspace() as (slack, app):
        app.reply = lambda payload: Response(status_code=500)
        await slack.say("alice", "#checkout", "@deploybot app=x")
        await slack.wait_for(lambda: heard(app, 4), "three repetitions")

        told = [(headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason")) for headers in app.headers]
        assert told == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
        assert len({event["event_id"] for event in app.heard}) == 1


async def test_an_app_may_ask_for_no_repetition() -> None:
    async with app_in_workspace(timing=replace(EAGER, event_retries=(0.0,))) as (slack, app):
        app.reply = lambda payload: Response(status_code=500, headers={"X-Slack-No-Retry": "1"})
        await slack.say("alice", "#checkout", "@deploybot app=x")
        await slack.wait_for(lambda: heard(app), "the mention")
        await slack.command("alice", "#checkout", "/deployments")
        assert [payload.get("type") for payload in app.heard] == ["event_callback", None]


async def test_a_plain_text_body_is_the_answer_to_a_command() -> None:
    async with app_in_workspace() as (slack, app):
        app.reply = lambda payload: PlainTextResponse("Nothing is running.")
        await slack.command("alice", "#checkout", "/deployments")
        assert [message["text"] for message in await slack.messages("alice", "#checkout")] == ["Nothing is running."]


async def test_a_refusing_app_is_a_failed_dispatch_and_an_absent_one_too() -> None:
    async with app_in_workspace() as (slack, app):
        app.reply = lambda payload: Response(status_code=404)
        refused = await slack.command("alice", "#checkout", "/deployments")
        await slack.post("delivery", request_url="http://127.0.0.1:9/slack/events")
        absent = await slack.command("alice", "#checkout", "/deployments")
        assert (refused["failure"], absent["failure"]) == ("dispatch_failed", "dispatch_failed")


async def test_a_request_url_has_to_answer_a_challenge() -> None:
    async with app_in_workspace() as (slack, app):
        url: Any = (await slack.get("workspace"))["request_url"]
        assert (await slack.post("delivery", request_url=url))["verified"] is True
        assert (await slack.post("delivery", request_url="http://127.0.0.1:9/x"))["verified"] is False
        assert app.heard == []
