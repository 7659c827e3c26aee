"""Projects that many environments name: no index can be asked for names near one."""

from __future__ import annotations

_NAMES = """
absl-py accelerate adlfs aiobotocore aiofiles aiohttp aiosqlite alembic altair amqp annoy ansible anthropic
anyio apache-airflow apache-beam apscheduler argcomplete arviz asgiref asttokens async-timeout asyncpg attrs
authlib autogluon awscli azure-ai-ml azure-cli azure-common azure-core azure-cosmos azure-eventhub
azure-functions azure-identity azure-keyvault-secrets azure-mgmt-core azure-mgmt-resource azure-mgmt-storage
azure-servicebus azure-storage-blob azureml-automl-core azureml-automl-runtime azureml-contrib-services
azureml-core azureml-dataprep azureml-dataset-runtime azureml-defaults azureml-fsspec
azureml-inference-server-http azureml-interpret azureml-mlflow azureml-monitoring azureml-opendatasets
azureml-pipeline azureml-pipeline-core azureml-pipeline-steps azureml-sdk azureml-telemetry
azureml-train-automl azureml-train-core azureml-widgets babel backoff bcrypt beautifulsoup4 billiard
biopython bitsandbytes black bleach blinker blosc bokeh boto boto3 botocore bottle brotli cachetools cartopy
catboost celery certifi cffi chardet charset-normalizer cherrypy chromadb cirq cleanlab clearml click
cloudpickle cmake colorama colorlog comet-ml confluent-kafka contourpy coverage cryptography ctranslate2
cupy-cuda12x cvxpy cycler cython dash dask dask-ml databricks-cli databricks-sdk dataclasses-json datasets
dbt-core deap debugpy decorator deepdiff deepspeed delta-spark diffusers dill diskcache distributed django
django-cors-headers django-filter djangorestframework dnspython docker docopt duckdb dvc easyocr einops
elasticsearch email-validator evaluate faiss-cpu faker fastapi fastavro fastparquet fasttext feather-format
filelock fiona flake8 flash-attn flask flask-cors flask-sqlalchemy flax folium fonttools frozenlist fsspec
gdown gensim geopandas gevent gitpython google-api-core google-auth google-cloud-bigquery
google-cloud-storage googleapis-common-protos gradio graphviz great-expectations greenlet grpcio gunicorn
gymnasium h5py hdbscan horovod html5lib httplib2 httptools httpx huggingface-hub hydra-core hyperopt
hypothesis icecream idna imageio imbalanced-learn importlib-metadata inference-schema influxdb-client ipdb
ipykernel ipython ipywidgets isodate isort itsdangerous jaraco-classes jax jaxlib jedi jinja2 jmespath
joblib jsonpickle jsonschema jupyter jupyterlab jupytext kafka-python kaleido kedro keras keras-tuner
kiwisolver kombu kornia kubernetes langchain langchain-community langchain-core librosa lightgbm lightning
line-profiler litellm llama-cpp-python llama-index llvmlite locust loguru lxml lz4 mako mamba-ssm markdown
markdown-it-py markupsafe marshmallow matplotlib memory-profiler mlflow mlflow-skinny mltable mlxtend mmcv
mmengine monai mongoengine more-itertools moto mpi4py msgpack msgspec msrest multidict multiprocess mypy
mysql-connector-python mysqlclient natsort nbconvert nbformat neo4j neptune netcdf4 networkx nibabel ninja
nltk notebook nox numba numcodecs numexpr numpy nvidia-ml-py oauthlib omegaconf onnx onnxmltools onnxruntime
onnxruntime-gpu onnxscript open3d openai openai-whisper opencensus-ext-azure opencv-contrib-python
opencv-python opencv-python-headless openpyxl opentelemetry-api opentelemetry-sdk optuna orjson ortools
osmnx packaging paddleocr pandas pandas-profiling pandas-stubs paramiko parso partd pathos patsy peft
pendulum pexpect phik pika pillow pip-tools pipenv platformdirs playwright plotly pluggy pmdarima poetry
poetry-core polars pooch portalocker pre-commit presto-python-client prometheus-client prompt-toolkit
propcache prophet proto-plus protobuf psutil psycopg2 psycopg2-binary ptyprocess pulp py-cpuinfo pyarrow
pyasn1 pycaret pycocotools pycparser pycryptodome pydantic pydantic-core pydantic-settings pydicom pydot
pygments pyinstaller pyjwt pylint pymc pymc3 pymilvus pymongo pymupdf pymysql pyod pyodbc pyopenssl
pyparsing pyproj pyqt5 pyro-ppl pyserial pysftp pyspark pystan pytest pytest-asyncio pytest-cov pytest-mock
pytest-xdist python-dateutil python-docx python-dotenv python-jose python-multipart python-pptx
python-socketio pytorch-forecasting pytorch-lightning pytz pywavelets pywin32 pyyaml pyzmq qdrant-client
qiskit rasterio ray rdkit redis regex requests requests-oauthlib rfc3986 rich rpds-py ruamel-yaml ruff s3fs
s3transfer sacrebleu safetensors sagemaker scikit-image scikit-learn scikit-optimize scikit-plot
scikit-surprise scipy scrapy seaborn selenium sentence-transformers sentencepiece sentry-sdk setuptools shap
shapely simplejson simpletransformers six sktime smart-open snowballstemmer snowflake-connector-python
sortedcontainers soupsieve spacy sphinx sqlalchemy sqlmodel sqlparse stable-baselines3 starlette statsmodels
streamlit sympy tabulate tenacity tensorboard tensorboardx tensorflow tensorflow-datasets
tensorflow-estimator tensorflow-hub tensorflow-probability tensorflow-text termcolor textblob tf-keras thinc
threadpoolctl tifffile tiktoken timm tokenizers tomli torch torch-geometric torch-scatter torch-sparse
torchaudio torchdata torchmetrics torchtext torchvision tornado tox tqdm traitlets transformers triton trl
tsfresh twine typer typing-extensions typing-inspect tzdata tzlocal ujson ultralytics umap-learn unidecode
urllib3 uv uvicorn uvloop validators virtualenv vllm wandb watchdog watchfiles wcwidth websocket-client
websockets werkzeug wheel wordcloud wrapt xarray xformers xgboost xlrd xlsxwriter xxhash yarl yellowbrick
zarr zipp zstandard
"""
WELL_KNOWN = frozenset(_NAMES.split())
