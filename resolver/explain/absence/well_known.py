"""Projects that environments for machine learning name: no index can be asked for names near one."""

from __future__ import annotations

_NAMES = """
accelerate adlfs aiohttp alembic altair azure-ai-ml azure-common azure-core azure-identity
azure-keyvault-secrets azure-mgmt-core azure-storage-blob azureml-automl-core azureml-automl-runtime
azureml-contrib-services azureml-core azureml-dataprep azureml-dataset-runtime azureml-defaults
azureml-fsspec azureml-inference-server-http azureml-interpret azureml-mlflow azureml-monitoring
azureml-opendatasets azureml-pipeline azureml-pipeline-core azureml-pipeline-steps azureml-sdk
azureml-telemetry azureml-train-automl azureml-train-core azureml-widgets beautifulsoup4
bitsandbytes bokeh boto3 catboost click cloudpickle dask databricks-cli datasets debugpy deepspeed
diffusers docker einops evaluate fastapi flask fsspec gensim gradio grpcio gunicorn h5py horovod
huggingface-hub hydra-core imageio inference-schema ipykernel ipython jax jaxlib joblib jsonschema
jupyter keras kubernetes langchain lightgbm lightning lxml matplotlib mlflow mlflow-skinny mltable
mpi4py msrest nltk numba numpy omegaconf onnx onnxruntime onnxruntime-gpu openai opencv-python
opencv-python-headless openpyxl opencensus-ext-azure optuna packaging pandas peft pillow plotly
polars prophet protobuf psutil psycopg2 psycopg2-binary py-cpuinfo pyarrow pydantic pymongo pyodbc
pyspark pytest python-dateutil python-dotenv pytorch-lightning pyyaml ray requests rich safetensors
scikit-image scikit-learn scipy seaborn sentence-transformers sentencepiece setuptools shap spacy
sqlalchemy statsmodels streamlit sympy tensorboard tensorflow tensorflow-hub tf-keras tokenizers
torch torch-geometric torchaudio torchmetrics torchvision tornado tqdm transformers triton
typing-extensions ultralytics uvicorn vllm wandb wheel xgboost
"""
WELL_KNOWN = frozenset(_NAMES.split())
