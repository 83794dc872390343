"""Made-up secrets in every form in which they may come along: the text, and what of it must never be seen."""

import base64
from urllib.parse import quote

HEX = "0123456789abcdef" * 2
OPAQUE = "Zk9Qw3rTy7Ub1Nm5Vc8Xz2La4Sd6Fg0H"
FERNET = base64.urlsafe_b64encode(bytes(range(200, 232))).decode()
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
TICKET = "5c1f-ticket-9e"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow+IBAAKCAQEA7\nb3BlbnNzaA==\n-----END RSA PRIVATE KEY-----"

SHAPES = {
    "bot token": ("xoxb-1234567890-abcdefghij", "1234567890-abc"),
    "user token": ("XOXP-99-abcdef", "99-abcdef"),
    "rotated token": ("xoxe.xoxp-1-Mi0yLTEyMzQ1", "Mi0y"),
    "refresh token of Slack": ("xoxe-1-Mi0yLTEyMzQ1", "Mi0y"),
    "app token": ("xapp-1-A012-345-abcdef", "345-abcdef"),
    "jwt": (JWT, "c2lnbmF0dXJl"),
    "jwt without its end": (JWT[:30], "eyJh"),
    "opaque access token": (HEX, HEX),
    "opaque refresh token": (f"{HEX}-r", HEX),
    "bearer": ("bearer abcdef0123456789", "abcdef0123456789"),
    "BEARER": ("BEARER  a.b~c+d/e=12345", "a.b~c"),
    "bearer in an address": ("q=Bearer%20abcdef01234", "abcdef01234"),
    "basic": ("bAsIc Y2Y6c2VjcmV0LXNlY3JldA==", "Y2Y6c2V"),
    "authorization": ("Authorization: opaque-0815 and more", "0815"),
    "digest": ('authorization: Digest username="joe", response="6629fae4"', "6629fae4"),
    "authorization as a pair": ("[(b'Authorization', b'Custom short')]", "Custom short"),
    "authorization in JSON": ('{"Authorization": "Custom a b", "x": 1}', "Custom a b"),
    "cookie": ("Set-Cookie: JSESSIONID=abc; other=def", "abc; other=def"),
    "ticket": (f"wss://wss-primary.slack.com/link/?ticket={TICKET}&app_id=A1", TICKET),
    "ticket alone": (f"GET /link/?ticket={TICKET}", TICKET),
    "response address": ("https://hooks.slack.com/commands/T012/345/aBcDeF", "T012/345"),
    "response address in a form": (quote("https://hooks.slack.com/actions/T012/345/aBcDeF", safe=""), "345%2FaBcDeF"),
    "response address by name": ("response_url=http://127.0.0.1:4000/commands/T1/2/secretpath", "secretpath"),
    "trigger": ("13345224609.738474920.8088930838d88f008e0", "8088930838"),
    "fernet key": (FERNET, FERNET[:20]),
    "fernet token": ("gAAAAABm0123456789abcdefghijklmnopqrstuv-_A==", "456789abcdef"),
    "database password": ("postgresql://bot:hunter2@db.example.com/deploybot", "hunter2"),
    "database password, quoted": ("postgresql+psycopg://bot:hun%40ter%2F2@db/deploybot?a=b", "hun%40ter"),
    "database password with everything": ("postgres://bot:hun@ter/2:3@db.example.com/deploybot", "ter/2"),
    "libpq": ("host=db password=hunter2 user=bot", "hunter2"),
    "libpq, quoted": (r"host=db password='hun\' ter2' user=bot", "ter2"),
    "login in an address": ("https://cf:hunter2@uaa.example.com/", "hunter2"),
    "form": ("grant_type=password&client_secret=hunter2&x=1", "hunter2"),
    "form in a form": ("next=client_secret%3Dhunter2", "hunter2"),
    "JSON": ('{"refresh_token": "a b\\"c hunter2"}', "hunter2"),
    "JSON in JSON": ('{"body": "{\\"access_token\\": \\"hunter2 more\\"}"}', "hunter2"),
    "repr": ("Login(client_id='cf', client_secret='hunter2 more')", "hunter2"),
    "passcode": (f"passcode: {OPAQUE[:10]}", OPAQUE[:10]),
    "passcode alone": (f"they typed {OPAQUE}", OPAQUE),
    "revoked token": (f"DELETE /oauth/token/revoke/{OPAQUE[:20]}", OPAQUE[:20]),
    "private key": (PEM, "MIIEow"),
    "private key without its end": (PEM[:60], "MIIEow"),
    "signature": ("x-slack-signature: v0=" + "ab12" * 16, "ab12ab12"),
}
