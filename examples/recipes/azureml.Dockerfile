# An image for Azure ML from a lockfile: the environment is made and compared in one stage, and copied into the base.
#
#     docker build -f azureml.Dockerfile \
#         --build-arg LOCKSTACK=... --build-arg BUILDER=...@sha256:... --build-arg BASE=...@sha256:... .
#
# LOCKSTACK: what pip installs lockstack from, a wheel of the context or an address.
# BUILDER: an image with Python 3.11 or newer, such as python:3.13-slim. BASE: the image that jobs run on, such as
# mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04. Both by digest: `docker buildx imagetools inspect NAME:TAG`.
ARG BUILDER
ARG BASE

FROM ${BUILDER} AS environment
ARG LOCKSTACK
WORKDIR /work
# What is in brackets need not be there: settings, and a wheel of lockstack.
COPY environment.yml conda-lock.yml lockstack.tom[l] lockstack-*.wh[l] ./
RUN python -m venv /lockstack && /lockstack/bin/python -m pip install --no-cache-dir "${LOCKSTACK}"
# The path is the one that the environment has in the end: it is written into its files.
RUN /lockstack/bin/lock environment.yml --check \
    && /lockstack/bin/lock install conda-lock.yml --prefix /opt/environment > /activation

FROM ${BASE}
COPY --from=environment /opt/environment /opt/environment
ENV PATH=/opt/environment/bin:${PATH} CONDA_PREFIX=/opt/environment
