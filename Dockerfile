# One image for all commands: `migrate` once for each release, then `serve`.
FROM python:3.13-slim-bookworm AS build
COPY requirements.lock /build/requirements.lock
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes \
      -r /build/requirements.lock

FROM python:3.13-slim-bookworm
RUN groupadd --gid 10001 passage \
 && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin passage \
 && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /opt/venv /opt/venv
COPY LICENSE /srv/safe-passage/LICENSE
COPY migrations /srv/safe-passage/migrations
COPY app /srv/safe-passage/app
RUN python -m compileall -q /srv/safe-passage
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/srv/safe-passage \
    PYTHONUNBUFFERED=1 \
    PASSAGE_DATA_DIR=/data \
    PASSAGE_HOST=0.0.0.0 \
    PASSAGE_PORT=8000
WORKDIR /srv/safe-passage
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PASSAGE_PORT'] + '/healthz', timeout=2)"]
ENTRYPOINT ["python", "-m", "app.start"]
CMD ["serve"]
