# The app and its workers in one image: compose.yaml starts it in both roles, with PostgreSQL.
#
#   docker compose up --build
#
# The usual torch for Linux brings CUDA's libraries, some gigabytes that a machine without a GPU
# never uses. TORCH_INDEX is the address of PyTorch's index of CPU builds, which pytorch.org names
# under "Get Started" (compute platform "CPU"); without it the usual one is installed.
FROM python:3.11-slim AS packages
ARG TORCH_INDEX=""
# Further packages, for example those of pyproject.toml's "elsewhere", which import models.
ARG EXTRAS=""
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /tmp/
RUN if [ -n "$TORCH_INDEX" ]; then \
      pip install --index-url "$TORCH_INDEX" "$(grep '^torch==' /tmp/requirements.txt)"; \
    fi \
 && pip install -r /tmp/requirements.txt "psycopg[binary]==3.3.9" \
      gguf==0.19.0 s3fs==2026.9.0 paramiko==5.1.0 $EXTRAS

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home --home-dir /home/tinylm tinylm \
 && install -d -o tinylm /var/lib/tinylm /var/lib/shared
COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/tinylm
COPY app.py requirements.txt ./
COPY .streamlit ./.streamlit
COPY benchmarks ./benchmarks
COPY data ./data
COPY pages ./pages
COPY server ./server
COPY tinylm ./tinylm
COPY ui ./ui
# What is written at run time lies in the volume or in /tmp, so that all else may be read-only.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    NUMBA_CACHE_DIR=/var/lib/tinylm/numba \
    TINYLM_HOME=/var/lib/tinylm
USER 10001
VOLUME /var/lib/tinylm
EXPOSE 8501
# The page's own address: it fails as well when the store cannot be read or no worker is alive.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/health', timeout=4)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
