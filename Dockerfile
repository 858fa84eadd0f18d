# One image for every part: its command is `serve`, `work`, `sandbox` or any other of `tallyman`.
#
#   docker build --tag tallyman .
#   docker run --rm --read-only --tmpfs /tmp tallyman --help
#
# The bases are pinned by version; REVISION and CREATED are what the build says of itself.

ARG PYTHON=3.11.16-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1
WORKDIR /build

# uv and hatchling, by their hashes, in an environment of their own that is left behind here.
COPY requirements-bootstrap.lock ./
RUN python -m venv /tools \
    && /tools/bin/python -m pip install --quiet --require-hashes --requirement requirements-bootstrap.lock

# What running needs, by its hashes; a layer that changes only with the lock file.
COPY requirements.lock ./
RUN /tools/bin/uv venv --quiet --python /usr/local/bin/python3 /opt/tallyman \
    && /tools/bin/uv pip install --quiet --compile-bytecode --python /opt/tallyman/bin/python \
        --require-hashes --requirement requirements.lock

# Tallyman itself, as a wheel: nothing of the sources is in the image, and nothing is fetched.
COPY pyproject.toml README.md LICENSE ./
COPY purchasing ./purchasing
COPY store ./store
COPY service ./service
COPY workers ./workers
COPY tallyman ./tallyman
RUN /tools/bin/uv build --quiet --offline --no-build-isolation --python /tools/bin/python --wheel --out-dir /wheel \
    && /tools/bin/uv pip install --quiet --compile-bytecode --python /opt/tallyman/bin/python \
        --offline --no-deps /wheel/*.whl


FROM python:${PYTHON}
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="Tallyman" \
      org.opencontainers.image.description="Takes in carrier and supplier notifications and turns them into Cofactr purchase events." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"

COPY --from=build /opt/tallyman /opt/tallyman
# Bytecode is there already, and the file system may be read-only.
# A container is spoken to from outside, so its parts listen on every address.
ENV PATH=/opt/tallyman/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TALLYMAN_HOST=0.0.0.0

# By its number, so that a cluster can see that it is not root.
USER 10001:10001
# Where tallyman.toml is looked for, unless TALLYMAN_CONFIG names another one.
WORKDIR /etc/tallyman
EXPOSE 8080

# SIGTERM drains: the service answers what is under way for up to 20 seconds, a worker finishes its calls.
STOPSIGNAL SIGTERM
# That of the service; whoever runs another part says another one, as compose.yaml does.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as it; it.urlopen('http://127.0.0.1:' + (os.environ.get('TALLYMAN_PORT') or '8080') + '/livez', timeout=4)"]

ENTRYPOINT ["tallyman"]
CMD ["serve"]
