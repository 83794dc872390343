"""Every Block Kit limit that the simulated Slack enforces, with where it is known from."""

# https://docs.slack.dev/reference/block-kit/blocks and .../surfaces
BLOCKS_PER_MESSAGE = 50
BLOCKS_PER_VIEW = 100

TEXT_PER_MESSAGE = 12_000
"""All text of a message's blocks, in escaped characters: not documented, rejections with `msg_blocks_too_long` are
reported from 11,341 to 13,200 (https://github.com/slackapi/bolt-js/issues/2509)."""
TEXT_PER_HEADER = 100
"""What a header block counts on top of its text, reported at the same place."""

# https://docs.slack.dev/reference/block-kit/composition-objects
TEXT = 3000
OPTION_TEXT = 75
OPTION_VALUE = 150
OPTION_DESCRIPTION = 75
OPTION_URL = 3000
GROUP_LABEL = 75
OPTIONS = 100
GROUPS = 100
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30

# https://docs.slack.dev/reference/block-kit/block-elements
ID = 255
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
BUTTON_URL = 3000
LABEL_FOR_SCREEN_READERS = 75
AGENT_PROMPT = 4000
OVERFLOW_OPTIONS = 5
CHECKBOX_OPTIONS = 10
PLACEHOLDER = 150
TYPED_TEXT = 3000
FILES = 10
INPUT_LINES = 100
VISIBLE_TO = 10
IMAGE_URL = 3000
ALT_TEXT = 2000

# https://docs.slack.dev/reference/block-kit/blocks
SECTION_TEXT = 3000
SECTION_FIELDS = 10
SECTION_FIELD = 2000
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
CONTEXT_ACTIONS_ELEMENTS = 5
MARKDOWN_PER_MESSAGE = 12_000
IMAGE_TITLE = 2000
INPUT_LABEL = 2000
TABLE_ROWS = 100
TABLE_CELLS = 20
TABLE_TEXT = 10_000
TABLES_PER_MESSAGE = 1
DATA_TABLE_ROWS = (2, 201)
DATA_TABLE_CELLS = (1, 20)
DATA_TABLE_PAGE = 100
DATA_TABLE_TEXT = 20_000
CHARTS_PER_MESSAGE = 2
CHART_TITLE = 50
CHART_SEGMENTS = 12
CHART_POINTS = 20
CHART_LABEL = 20
CHART_AXIS = 50
ALERT_TEXT = 200
CARD_TITLE = 150
CARD_BODY = 200
CARD_BUTTONS = 3
CAROUSEL_CARDS = 10
CONTAINER_BLOCKS = 10
CONTAINER_TITLE = 150
PLAN_TASKS = 50
PROVIDER_VALUE = 150
PROVIDER_NAME = 75
PROVIDER_URL = 3000
VIDEO_TITLE = 200
VIDEO_AUTHOR = 50
VIDEO_TITLE_URL = 2000
VIDEO_URL = 3000

# https://docs.slack.dev/reference/views
VIEW_TITLE = 24
PRIVATE_METADATA = 3000
VIEW_BYTES = 250_000
"""Beyond it `view_too_large`; reported, the documentation names the error without the number."""
