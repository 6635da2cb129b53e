# Front-end packages first, then the product; the last stage holds no build tools.
FROM node:20-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 VAR_DIR=/data
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 audit \
    && mkdir /data && chown audit /data
WORKDIR /app
# With requirements-s3.txt the image can keep files in a bucket.
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-s3.txt constraints.txt ./
RUN pip install -r ${REQUIREMENTS} -c constraints.txt
COPY --from=assets /app/node_modules ./node_modules
COPY . .
RUN python -c "import pathlib, polib; [polib.pofile(str(po)).save_as_mofile(str(po.with_suffix('.mo'))) for po in pathlib.Path('locale').glob('*/LC_MESSAGES/*.po')]"
USER audit
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "-w", "3", "-k", "gthread", "--threads", "4", "--no-control-socket"]
