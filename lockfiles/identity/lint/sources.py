"""Who says what the lint rules rest on."""

from __future__ import annotations

CONCEPT = "Azure ML documentation, concept page on environments, section on image caching and reuse"
SDK = "azure-ai-ml 1.35.2, read and run"
SDK_V1 = "azureml-core 1.61.0, read"
