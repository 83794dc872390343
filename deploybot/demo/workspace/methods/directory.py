"""auth.test, bots.info, apps.connections.open, users.info, users.list, usergroups.list and usergroups.users.list."""

from deploybot.demo.workspace.methods.desk import Desk, cut_page, flag_arg, text_arg
from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.rendering import slack_group, slack_user

MAX_LIMIT = 1000


def auth_test(desk: Desk, _args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/auth.test"""
    team, bot = desk.workspace.team, desk.workspace.bot
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": bot.name,
        "team_id": team.id,
        "user_id": bot.user_id,
        "bot_id": bot.bot_id,
        "is_enterprise_install": False,
    }


def app_auth_test(desk: Desk, _args: JsonObject) -> JsonObject:
    """What auth.test tells of an app-level token."""
    return {"app_name": desk.workspace.bot.name, "app_id": desk.workspace.bot.app_id}


def bot_info(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/bots.info"""
    bot = desk.workspace.bot
    if text_arg(args, "bot", "bot_not_found") != bot.bot_id:
        raise RefusedError("bot_not_found")
    told = {"id": bot.bot_id, "deleted": False, "name": bot.name, "user_id": bot.user_id, "app_id": bot.app_id}
    return {"bot": told}


def open_connection(desk: Desk, _args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/apps.connections.open"""
    return {"url": desk.new_socket_url()}


def user_info(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/users.info"""
    person = desk.workspace.people.get(text_arg(args, "user", "user_not_found"))
    if person is None:
        raise RefusedError("user_not_found")
    return {"user": slack_user(person, desk.workspace.team.id, desk.workspace.clock.now())}


def list_users(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/users.list: in pages, without people of other teams."""
    ours = [person for person in desk.workspace.people.values() if person.team == desk.workspace.team.id]
    page, cursor = cut_page(ours, args, MAX_LIMIT)
    now = desk.workspace.clock.now()
    return {
        "members": [slack_user(person, desk.workspace.team.id, now) for person in page],
        "response_metadata": {"next_cursor": cursor},
    }


def list_groups(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/usergroups.list"""
    with_users = flag_arg(args, "include_users")
    groups = desk.workspace.cast.groups
    return {"usergroups": [slack_group(group, desk.workspace.team.id, with_users=with_users) for group in groups]}


def list_group_members(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/usergroups.users.list"""
    wanted = text_arg(args, "usergroup")
    for group in desk.workspace.cast.groups:
        if group.id == wanted:
            return {"users": list(group.members)}
    raise RefusedError("no_such_subteam")
