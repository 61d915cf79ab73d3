# The app with its shipped runs, see docs/deploy.md.
FROM python:3.12-slim

WORKDIR /app
# First what changes seldom: an edit of the app does not install everything again.
COPY requirements.txt .
RUN pip install --no-cache-dir --requirement requirements.txt
COPY . .

# Downloads, caches and new runs belong to a user without rights, in folders that volumes may hold.
RUN useradd --create-home imgcls && mkdir /data && chown -R imgcls /data models
USER imgcls
ENV IMGCLS_DATA=/data/imagenette IMGCLS_COLLECTIONS=/data/own IMGCLS_CACHE=/data/cache KERAS_HOME=/data/keras
VOLUME ["/data", "/app/models"]

EXPOSE 8501
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8501/_stcore/health')"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
