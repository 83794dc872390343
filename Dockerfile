# syntax=docker/dockerfile:1
# The bot in a slim image: the wheel and the locked dependencies are built in one stage, only their result is kept.
# For a base that never changes give its digest: docker build --build-arg BASE=python:3.11-slim-bookworm@sha256:...
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE} AS build
# run, or otel for traces as well: docker build --build-arg REQUIREMENTS=otel
ARG REQUIREMENTS=run
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements/build.txt requirements/${REQUIREMENTS}.txt requirements/
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes -r requirements/build.txt \
    && python -m venv /opt/deploybot \
    && /opt/deploybot/bin/pip install --require-hashes -r "requirements/${REQUIREMENTS}.txt"
COPY pyproject.toml README.md LICENSE ./
COPY deploybot deploybot
RUN /opt/build/bin/hatchling build -t wheel -d /dist \
    && /opt/deploybot/bin/pip install --no-deps --no-index /dist/*.whl \
    && /opt/deploybot/bin/pip uninstall --yes pip setuptools

FROM ${BASE}
RUN groupadd --system --gid 10001 deploybot \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent deploybot \
    && pip uninstall --yes --quiet --root-user-action=ignore pip setuptools wheel
COPY --from=build /opt/deploybot /opt/deploybot
ENV PATH=/opt/deploybot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DEPLOYBOT_HTTP_HOST=0.0.0.0 \
    DEPLOYBOT_HEALTH_PORT=8081 \
    DEPLOYBOT_LOG_FORMAT=json \
    DEPLOYBOT_HEARTBEAT_FILE=/tmp/deploybot.heartbeat \
    DEPLOYBOT_DATA_DIR=/var/lib/deploybot
# What is kept without DATABASE_URL: mount a volume here, or each new container begins anew.
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/deploybot
VOLUME /var/lib/deploybot
# Slack's requests with --http; /livez, /readyz and /metrics.
EXPOSE 3000 8081
USER 10001:10001
# The bot writes its heartbeat only while Slack can reach it, so this fails when the socket is dead.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["deploybot", "alive"]
ENTRYPOINT ["deploybot"]
CMD ["run"]
