# The service and its workers, without the tools of its developers. Build it: docker build -t hindcast .
FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv /opt/hindcast
COPY requirements-server.lock ./
RUN /opt/hindcast/bin/pip install --require-hashes --only-binary :all: -r requirements-server.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY src ./src
# The lock holds the build backend too, so that nothing is fetched without a hash; the image does not need it.
RUN /opt/hindcast/bin/pip install --no-deps --no-build-isolation . \
    && /opt/hindcast/bin/pip uninstall --yes hatchling pathspec pip pluggy trove-classifiers

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --create-home hindcast && install -d -o hindcast -g hindcast /data /plugins
COPY --from=build /opt/hindcast /opt/hindcast
ENV PATH=/opt/hindcast/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HINDCAST_HOME=/data \
    HINDCAST_PLUGIN_DIR=/plugins
USER hindcast
WORKDIR /home/hindcast
# Compiled kernels are kept in the user's cache folder; a run shows that the image works.
RUN HINDCAST_HOME=/tmp/warm hindcast demo > /dev/null && rm -rf /tmp/warm ./*.html
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/api/v1/health', timeout=4)"]
ENTRYPOINT ["hindcast"]
CMD ["serve", "--no-worker"]
